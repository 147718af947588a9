import type { Span } from "../../base/text";
import type { Place } from "../jsonl/pointer";
import type { Sample } from "../dataset/conversation";
import type { Fix, FixableRow } from "./fix/fix";

export type Severity = "error" | "warning" | "info" | "hint";

/** What a rule says about itself. The settings, the documentation and the reports are made from it. */
export interface RuleMeta {
  /** `group/name`, stable: it stands in settings, reports and links. */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence for the settings and the documentation: what it finds and why that matters for training. */
  readonly description: string;
}

/** Another place that explains a finding: the other turn, the first of two duplicates. */
export interface Related {
  readonly place: Place;
  readonly message: string;
}

/** What a rule reports; the analysis adds the rule, the severity and the range in the file. */
export interface FindingDraft {
  readonly place: Place;
  /** What is wrong, in one sentence, with what to do where that is not plain. */
  readonly message: string;
  readonly related?: readonly Related[];
  /** Facts for machines: names and numbers that the message is made of. */
  readonly data?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** A finding of a row, as fixes need it: places are counted from the beginning of the row's text. */
export interface Found {
  readonly pointer: string;
  readonly span: Span;
  readonly related: readonly { readonly span: Span }[];
  readonly data: NonNullable<FindingDraft["data"]>;
}

/**
 * Ways to mend a row that has a finding of the rule, the best one first. They need not be right in every row: what does not
 * take its finding away, or brings another error, is not offered.
 */
export type FixRule = (row: FixableRow, found: Found) => readonly Fix[];

/** A rule that looks at one row at a time. Most rules are of this kind. */
export interface SampleRule {
  readonly meta: RuleMeta;
  /** Looks at the sample and reports through `report`. Must not keep state between rows. */
  check(sample: Sample, report: (draft: FindingDraft) => void): void;
  readonly fix?: FixRule;
}

/** Where the documentation of a rule is, as an anchor in the rules page. */
export function ruleAnchor(id: string): string {
  return id.replaceAll("/", "-");
}
