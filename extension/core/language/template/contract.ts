import type { Span } from "../../../base/text";
import type { Finding, PositionRange } from "../../analysis/finding";
import type { Severities } from "../../analysis/place";
import type { TextEdit } from "../../jsonl/edits";
import type { ProbedId } from "../../rules/template/templateRules";
import type { Expected } from "../../template/cases/caseFile";
import type { Rendering } from "../../template/probes/probe";
import type { PromptOutcome } from "../../template/promptOutcome";
import type { LiveValues, Watch } from "./liveValues";
import type { ExcerptOutcome } from "./promptExcerpt";

/** A template, and where to look for the special tokens of its model. */
export interface TemplateSource {
  readonly source: string;
  /** Folders whose tokenizer_config.json may be the model's, the likeliest first; absolute paths. */
  readonly folders: readonly string[];
}

/** What the Problems view shows of a template's finding. */
export interface ShownTemplateFinding extends Pick<Finding, "rule" | "severity" | "message" | "range"> {
  /** The probe whose two prompts can be shown. */
  readonly probe: ProbedId | undefined;
}

/** What a render for a hover came to. */
export interface TemplateHover {
  /** Undefined where there was nothing to watch. */
  readonly values: LiveValues | undefined;
  /** The title of the sample conversation that the values are from: the chosen one, or another that comes by the place. */
  readonly sample: string;
  /** Whether another sample than the chosen one had to be taken. */
  readonly otherSample: boolean;
  readonly prompt: ExcerptOutcome;
}

/** A case of a template as the Testing view lists it. */
export interface ListedCase {
  /** Unique in its file. */
  readonly name: string;
  readonly pointer: string;
  readonly range: PositionRange;
  /** The template's file as the case names it; null for the one that belongs to the file. */
  readonly template: string | null;
}

/** A case of a file, and the template that it is of. */
interface CaseOfFile extends TemplateSource {
  /** The file's. */
  readonly text: string;
  readonly pointer: string;
}

/** What a worker knows about templates. Templates are anybody's: their renders have bounds, and callers set time limits as well. */
export interface TemplateMethods {
  readonly templateCheck: {
    readonly params: TemplateSource & { readonly severities: Severities };
    readonly result: readonly ShownTemplateFinding[];
    readonly progress: never;
  };
  readonly templateHover: {
    readonly params: TemplateSource & { readonly place: Span; readonly watch: Watch | undefined; readonly sample: string | undefined };
    readonly result: TemplateHover;
    readonly progress: never;
  };
  /** The two renderings that a finding rests on; null where there are none any more. */
  readonly templateEvidence: {
    readonly params: TemplateSource & { readonly probe: ProbedId };
    readonly result: { readonly base: Rendering; readonly probed: Rendering } | null;
    readonly progress: never;
  };
  /** The edits that lay a template out, by what a block is indented with. */
  readonly templateFormat: {
    readonly params: { readonly source: string; readonly indent: string };
    readonly result: readonly TextEdit[];
    readonly progress: never;
  };
  /** The cases of a file, and what is wrong with others. */
  readonly templateCases: {
    readonly params: { readonly text: string };
    readonly result: { readonly cases: readonly ListedCase[]; readonly problems: readonly { readonly message: string; readonly range: PositionRange }[] };
    readonly progress: never;
  };
  /** What the template makes of a case; null where the file has no such case any more. */
  readonly templateCase: {
    readonly params: CaseOfFile;
    readonly result: { readonly passed: boolean; readonly expected: Expected | undefined; readonly outcome: PromptOutcome } | null;
    readonly progress: never;
  };
  /** The edits of the file that make what the template makes of a case what it asks for. */
  readonly templateAccept: {
    readonly params: CaseOfFile;
    readonly result: readonly TextEdit[];
    readonly progress: never;
  };
  /** The special tokens that the template is rendered with, by name. */
  readonly templateTokens: {
    readonly params: Pick<TemplateSource, "folders">;
    readonly result: readonly string[];
    readonly progress: never;
  };
}
