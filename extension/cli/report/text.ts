import { resolve } from "node:path";
import type { Finding } from "../../core/analysis/finding";
import type { FileSummary, ModelSummary } from "../../core/analysis/report";
import type { RuleMeta, Severity } from "../../core/rules/rule";
import type { Sink } from "../sink";
import { codeFrame, readFrameSource } from "../terminal/codeFrame";
import { fit, visible, wrap } from "../terminal/display";
import type { Style } from "../terminal/style";
import { count, counted } from "../terminal/units";
import type { Reporter, Totals } from "./reporter";
import { severityCounts, summaryText, type RuleCount } from "./textSummary";

/** How many findings of one rule in a file are shown, of a file, and of all files together. The summary counts all of them. */
export const SHOWN_PER_RULE = 3;
export const SHOWN_PER_FILE = 10;
export const SHOWN_IN_ALL = 20;

/** How much of a message is shown: messages quote data. */
const MESSAGE_COLUMNS = 1000;

/** The width of code frames where no terminal gives one. */
const DEFAULT_COLUMNS = 100;

const SEVERITIES: readonly Severity[] = ["error", "warning", "info", "hint"];

/** How the text report is made. */
export interface TextOptions {
  readonly sink: Sink;
  readonly style: Style;
  /** The width of the terminal; undefined where nobody's window limits it, and lines are left whole. */
  readonly columns: number | undefined;
  readonly cwd: string;
  readonly rules: readonly RuleMeta[];
}

/** The report for people: written file by file as the check goes on, with a summary at the end. */
export class TextReporter implements Reporter {
  readonly #options: TextOptions;
  readonly #severityOf: Map<string, Severity>;
  readonly #byRule = new Map<string, number>();
  /** What the summary needs of each file. */
  readonly #tokens: Pick<FileSummary, "tokens" | "histogram">[] = [];
  /** The first findings of each rule in the present file: which of them are shown is known at its end. */
  readonly #first = new Map<string, Finding[]>();
  #shown = 0;
  /** Whether an empty line was written last. */
  #spaced = true;

  constructor(options: TextOptions) {
    this.#options = options;
    this.#severityOf = new Map(options.rules.map((rule) => [rule.id, rule.severity]));
  }

  model(model: ModelSummary | null): void {
    if (model === null) return;
    const template = model.template === null ? "no chat template" : `template ${model.template}`;
    const tokenizer = model.tokenizer === null ? ", no tokenizer" : "";
    const engine = model.engine === undefined ? "" : model.engine.kind === "fast" ? ", fast tokenizer" : ", tokens by @huggingface/tokenizers";
    this.#line(`${this.#options.style.strong(visible(model.id))}  ${visible(template)}${tokenizer}${engine}`);
    this.#line("");
  }

  finding(_path: string, finding: Finding): void {
    this.#severityOf.set(finding.rule, finding.severity);
    const list = this.#first.get(finding.rule);
    if (list === undefined) this.#first.set(finding.rule, [finding]);
    else if (list.length < SHOWN_PER_RULE) list.push(finding);
  }

  fileEnd(summary: FileSummary): void {
    this.#tokens.push({ tokens: summary.tokens, histogram: summary.histogram });
    for (const [rule, times] of Object.entries(summary.byRule)) this.#byRule.set(rule, (this.#byRule.get(rule) ?? 0) + times);
    for (const line of fileLines(summary, this.#options.style)) this.#line(line);
    const shown = this.#choose(Math.min(SHOWN_PER_FILE, SHOWN_IN_ALL - this.#shown));
    for (const finding of shown) this.#finding(summary.path, finding);
    this.#shown += shown.length;
    const { errors, warnings, infos, hints } = summary.counts;
    const hidden = errors + warnings + infos + hints - shown.length;
    if (hidden > 0) this.#line(`  … ${counted(hidden, shown.length > 0 ? "more finding" : "finding")}; --format json lists all`);
    // Files without findings are listed close together.
    this.#spaced = shown.length + hidden > 0;
    if (this.#spaced) this.#line("");
    this.#first.clear();
  }

  finish(totals: Totals): Promise<void> {
    const rules: RuleCount[] = [...this.#byRule].map(([rule, times]) => ({ rule, times, severity: this.#severityOf.get(rule) ?? "warning" }));
    const { style, columns } = this.#options;
    if (!this.#spaced) this.#line("");
    this.#options.sink.write(summaryText({ totals, rules, files: this.#tokens, style, columns: columns ?? DEFAULT_COLUMNS }));
    return Promise.resolve();
  }

  /** The most severe of the findings that were kept, in the order of the file. */
  #choose(limit: number): Finding[] {
    const byPlace = (a: Finding, b: Finding): number => a.row - b.row || a.byteOffset - b.byteOffset;
    const kept = [...this.#first.values()].flat();
    kept.sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) || byPlace(a, b));
    return kept.slice(0, Math.max(0, limit)).sort(byPlace);
  }

  #finding(path: string, finding: Finding): void {
    const { style, columns, cwd } = this.#options;
    const { line, column } = finding.range.start;
    const rule = visible(finding.rule);
    const place = `${visible(path)}:${line}:${column}`;
    const head = `${place} ${finding.severity} ${rule}`;
    const text = wrap(`${head} ${fit(finding.message, MESSAGE_COLUMNS)}`, (columns ?? Infinity) - 2, "      ");
    // Coloured after it is wrapped: escape sequences take no columns.
    const coloured = `${place} ${style.severity[finding.severity](finding.severity)} ${style.strong(rule)}`;
    this.#line(`  ${text.startsWith(head) ? coloured + text.slice(head.length) : text}`);
    // A finding about the whole file has no line to show.
    const source = finding.row === 0 ? undefined : readFrameSource(resolve(cwd, path), finding.byteOffset, finding.byteLength);
    if (source === undefined) return;
    for (const row of codeFrame(source, finding, (columns ?? DEFAULT_COLUMNS) - 2, style)) this.#line(`  ${row}`);
  }

  #line(text: string): void {
    this.#options.sink.write(`${text}\n`);
  }
}

/** `data/train.jsonl  messages, 1,204 rows: 2 errors`, and a line about its tokens where they were counted. */
function fileLines({ path, rows, format, tokens, counts }: FileSummary, style: Style): string[] {
  const first = `${style.strong(visible(path))}  ${format}, ${counted(rows, "row")}: ${severityCounts(counts, style)}`;
  if (tokens === null) return [first];
  const { total, p50, p95, p99, max } = tokens;
  return [first, `  ${counted(total, "token")} (p50 ${count(p50)}, p95 ${count(p95)}, p99 ${count(p99)}, longest row ${count(max)})`];
}
