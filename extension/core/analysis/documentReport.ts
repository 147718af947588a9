import type { Severity } from "../rules/rule";
import type { FormatCounts } from "./checkSlice";
import type { DocumentRow } from "./documentRows";
import type { Finding, PositionRange } from "./finding";
import { RowPlacer, type Severities, severityOf } from "./place";
import { fileFormat } from "./sniffFormat";
import { TokenDistribution } from "./tokenDistribution";
import type { DocumentReport } from "./workerContract";

/** Findings of one document that are shown. VS Code keeps 1000 diagnostics a file and drops what is beyond. */
export const MAX_SHOWN_FINDINGS = 1000;

/** What the rows are together. Takes time for every row, but places only the findings that are shown. */
export function reportOfRows(rows: readonly DocumentRow[], severities: Severities): Omit<DocumentReport, "uri" | "version" | "complete"> {
  const bySeverity: Record<Severity, number> = { error: 0, warning: 0, info: 0, hint: 0 };
  const formats: FormatCounts = {};
  const tokens = new TokenDistribution();
  const findings: Finding[] = [];
  const told = new Set<string>();
  let rowCount = 0;
  let found = 0;
  for (const [index, row] of rows.entries()) {
    const { result } = row;
    if (row.kind === "row") {
      rowCount++;
      const format = result.format ?? "unknown";
      formats[format] = (formats[format] ?? 0) + 1;
      if (result.tokens !== undefined) tokens.add(result.tokens);
    }
    for (const [i, finding] of result.findings.entries()) {
      const severity = severityOf(finding.rule, severities, finding.severity);
      if (severity === undefined || (finding.once !== undefined && told.has(finding.once))) continue;
      if (finding.once !== undefined) told.add(finding.once);
      found++;
      bySeverity[severity]++;
      if (findings.length >= MAX_SHOWN_FINDINGS) continue;
      const placed = placedFindings(row)[i];
      if (placed !== undefined) findings.push({ ...(row.origin === undefined ? movedBy(placed, index) : placed), severity });
    }
  }
  return {
    rows: rowCount,
    format: fileFormat(formats),
    tokens: tokens.statistics(),
    findings,
    counts: { errors: bySeverity.error, warnings: bySeverity.warning, infos: bySeverity.info, hints: bySeverity.hint },
    cut: found - findings.length,
  };
}

/** Where every line would begin if it were the first one: lines move, and their findings with them. */
const FIRST_LINE = { number: 1, line: 1, column: 1, byteOffset: 0 };

/** The row's findings in the order of its result. Placing a finding reads the row's text up to it, so it is done once. */
function placedFindings(row: DocumentRow): readonly Finding[] {
  if (row.placed === undefined) {
    const placer = new RowPlacer(row.origin ?? FIRST_LINE, { text: row.text, invalid: [] });
    row.placed = row.result.findings.map((finding) => placer.place(finding, finding.rule.severity));
  }
  return row.placed;
}

function movedBy(finding: Finding, lines: number): Finding {
  const related = finding.related?.map((place) => (place.file === undefined ? { ...place, range: movedRange(place.range, lines) } : place));
  return {
    ...finding,
    row: finding.row + lines,
    range: movedRange(finding.range, lines),
    ...(related === undefined ? {} : { related }),
  };
}

function movedRange({ start, end }: PositionRange, lines: number): PositionRange {
  return { start: { line: start.line + lines, column: start.column }, end: { line: end.line + lines, column: end.column } };
}
