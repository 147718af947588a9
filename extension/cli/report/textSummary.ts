import type { FileSummary, SeverityCounts } from "../../core/analysis/report";
import type { Severity } from "../../core/rules/rule";
import { displayWidth, padEnd, padStart, visible } from "../terminal/display";
import type { Style } from "../terminal/style";
import { bytes, count, counted, duration } from "../terminal/units";
import { histogramLines, mergeHistograms } from "./histogram";
import type { Totals } from "./reporter";

/** How often a rule fired. */
export interface RuleCount {
  readonly rule: string;
  readonly severity: Severity;
  readonly times: number;
}

/** What a summary is made of. */
export interface SummaryInput {
  readonly totals: Totals;
  readonly rules: readonly RuleCount[];
  readonly files: readonly Pick<FileSummary, "tokens" | "histogram">[];
  readonly style: Style;
  readonly columns: number;
}

/** A rate of a shorter check tells how fast the program starts, not how fast it checks. */
const RATE_AFTER_SECONDS = 0.5;

const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2, hint: 3 };

/** The end of a text report: the rules that fired, the tokens, the sums. */
export function summaryText(input: SummaryInput): string {
  const parts = [ruleTable(input.rules, input.style), tokenPart(input), totalsLine(input.totals, input.style)];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

/** `2 errors, 1 warning`, or `no findings`. */
export function severityCounts(counts: SeverityCounts, style: Style): string {
  const parts: [number, Severity][] = [
    [counts.errors, "error"],
    [counts.warnings, "warning"],
    [counts.infos, "info"],
    [counts.hints, "hint"],
  ];
  const present = parts.filter(([times]) => times > 0).map(([times, severity]) => style.severity[severity](counted(times, severity)));
  return present.length === 0 ? style.good("no findings") : present.join(", ");
}

/** The worst first, then the most frequent. */
function ruleTable(rules: readonly RuleCount[], style: Style): string {
  if (rules.length === 0) return "";
  const sorted = [...rules].sort((a, b) => RANK[a.severity] - RANK[b.severity] || b.times - a.times || (a.rule < b.rule ? -1 : 1));
  const nameWidth = Math.max(...sorted.map(({ rule }) => displayWidth(rule)));
  const countWidth = Math.max(...sorted.map(({ times }) => count(times).length));
  const lines = sorted.map(
    ({ rule, severity, times }) =>
      `  ${style.severity[severity](severity.padEnd(7))}  ${padEnd(visible(rule), nameWidth)}  ${padStart(count(times), countWidth)}`,
  );
  return [style.strong("Findings by rule"), ...lines].join("\n");
}

function tokenPart({ totals, files, style, columns }: SummaryInput): string {
  const counted = files.filter((file) => file.tokens !== null);
  if (counted.length === 0) return "";
  const trained = counted.reduce((sum, file) => sum + (file.tokens?.trained ?? 0), 0);
  const longest = Math.max(...counted.map((file) => file.tokens?.max ?? 0));
  const facts = `${count(totals.tokens)} in all${trained > 0 ? `, ${count(trained)} trained on` : ""}, longest row ${count(longest)}`;
  const lines = histogramLines(mergeHistograms(counted.map((file) => file.histogram)), columns - 2);
  return [`${style.strong("Tokens a row")} (${facts})`, ...lines.map((line) => `  ${line}`)].join("\n");
}

function totalsLine(totals: Totals, style: Style): string {
  const rate = totals.seconds >= RATE_AFTER_SECONDS ? `, ${bytes(totals.bytes / totals.seconds)}/s` : "";
  const checked = `${counted(totals.files, "file")}, ${counted(totals.rows, "row")}, ${bytes(totals.bytes)}`;
  return `${checked}: ${severityCounts(totals.counts, style)} (${duration(totals.seconds)}${rate})`;
}
