import { createHash } from "node:crypto";
import type { Finding, PositionRange, RelatedFinding } from "../../core/analysis/finding";
import type { RuleMeta, Severity } from "../../core/rules/rule";
import type { Sink } from "../sink";
import type { FindingStore } from "./findingStore";
import { uriOf } from "./location";
import { jsonText, type Reporter } from "./reporter";

/** SARIF knows no hints; the severity itself is kept among the properties. */
const LEVELS: Readonly<Record<Severity, "error" | "warning" | "note">> = { error: "error", warning: "warning", info: "note", hint: "note" };

/** What a SARIF log says about the run besides the results. */
export interface SarifOptions {
  readonly version: string;
  readonly rules: readonly RuleMeta[];
  readonly cwd: string;
  /** The folder that paths are relative to. */
  readonly root: string;
}

/** A SARIF 2.1.0 log (OASIS), as code hosts and editors read it. */
export class SarifReporter implements Reporter {
  readonly #sink: Sink;
  readonly #store: FindingStore;
  readonly #options: SarifOptions;
  readonly #ruleIndex: ReadonlyMap<string, number>;
  readonly #fingerprints = new Fingerprints();
  /** The present file: findings come file by file. */
  #file = { path: "", uri: "" };
  #first = true;

  constructor(sink: Sink, store: FindingStore, options: SarifOptions) {
    this.#sink = sink;
    this.#store = store;
    this.#options = options;
    this.#ruleIndex = new Map(options.rules.map((rule, index) => [rule.id, index]));
  }

  model(): void {
    // A SARIF log has no place for it.
  }

  finding(path: string, finding: Finding): void {
    if (path !== this.#file.path) this.#file = { path, uri: uriOf(this.#options.root, this.#options.cwd, path) };
    this.#store.append(`${this.#first ? "" : ","}\n${jsonText(this.#result(this.#file.uri, finding))}`);
    this.#first = false;
  }

  fileEnd(): void {
    // Results carry their file.
  }

  async finish(): Promise<void> {
    const driver = { name: "tunesmith", version: this.#options.version, semanticVersion: this.#options.version, rules: this.#options.rules.map(ruleEntry) };
    this.#sink.write(
      `{"$schema":"https://json.schemastore.org/sarif-2.1.0.json","version":"2.1.0","runs":[{"tool":${jsonText({ driver })},\n` +
        `"columnKind":"utf16CodeUnits","results":[`,
    );
    await this.#store.copy(0, this.#store.mark(), this.#sink);
    this.#sink.write(`${this.#first ? "" : "\n"}]}]}\n`);
  }

  #result(uri: string, finding: Finding): object {
    const { rule, severity, message, row, pointer, range, byteOffset, byteLength, profiles, data, related } = finding;
    const ruleIndex = this.#ruleIndex.get(rule);
    return {
      ruleId: rule,
      ...(ruleIndex === undefined ? {} : { ruleIndex }),
      level: LEVELS[severity],
      message: { text: message },
      locations: [{ physicalLocation: { artifactLocation: { uri }, region: { ...region(range), byteOffset, byteLength } } }],
      ...(related === undefined || related.length === 0 ? {} : { relatedLocations: related.map((place, id) => relatedLocation(this.#uriOf(place) ?? uri, place, id)) }),
      partialFingerprints: { "tunesmith/v1": this.#fingerprints.next(uri, finding) },
      properties: { severity, row, pointer, profiles, data },
    };
  }

  #uriOf({ file }: RelatedFinding): string | undefined {
    return file === undefined ? undefined : uriOf(this.#options.root, this.#options.cwd, file);
  }
}

/**
 * Names for findings that stay when text of the same row changes. A finding's place in its row, and not its column or its
 * message, makes the name; findings of one rule at one place are numbered.
 */
class Fingerprints {
  #row = "";
  #seen = new Map<string, number>();

  next(uri: string, finding: Finding): string {
    const row = `${uri}\0${finding.row}`;
    // Findings come in row order, so that only those of the present row need to be remembered.
    if (row !== this.#row) this.#seen = new Map();
    this.#row = row;
    const key = `${finding.rule}\0${row}\0${finding.pointer}`;
    const ordinal = this.#seen.get(key) ?? 0;
    this.#seen.set(key, ordinal + 1);
    return createHash("sha256").update(`${key}\0${ordinal}`).digest("hex").slice(0, 32);
  }
}

function ruleEntry(rule: RuleMeta): object {
  return { id: rule.id, shortDescription: { text: rule.description }, defaultConfiguration: { level: LEVELS[rule.severity] } };
}

function region(range: PositionRange): object {
  return { startLine: range.start.line, startColumn: range.start.column, endLine: range.end.line, endColumn: range.end.column };
}

function relatedLocation(uri: string, related: RelatedFinding, id: number): object {
  return { id, message: { text: related.message }, physicalLocation: { artifactLocation: { uri }, region: region(related.range) } };
}
