import { LineMap, type Position, type Span, utf8Length } from "../../base/text";
import type { RawRow } from "../jsonl/rows";
import type { DecodedText } from "../jsonl/utf8";
import type { RuleMeta, Severity } from "../rules/rule";
import type { RowFinding } from "./checkRow";
import type { Finding, PositionRange } from "./finding";

/** Severities that a user set, by rule; `off` silences the rule. */
export type Severities = Readonly<Record<string, Severity | "off">>;

/**
 * The severity of a rule, or undefined where it is silenced.
 * @param otherwise that of a finding which the user set no severity for; the rule's own when left out
 */
export function severityOf(rule: RuleMeta, severities: Severities, otherwise: Severity = rule.severity): Severity | undefined {
  const set = Object.hasOwn(severities, rule.id) ? severities[rule.id] : undefined;
  return set === "off" ? undefined : (set ?? otherwise);
}

/** Where a row begins. */
export type RowOrigin = Pick<RawRow, "number" | "line" | "column" | "byteOffset">;

/** Turns offsets of a row's text into lines and columns of the file, and back. */
export class RowPositions {
  readonly #start: Position;
  readonly #length: number;
  readonly #lines: LineMap | undefined;

  constructor(start: Position, text: string) {
    this.#start = start;
    this.#length = text.length;
    this.#lines = text.includes("\n") || text.includes("\r") ? new LineMap(text) : undefined;
  }

  /** Where the row begins, if it is a line: then each of its characters is a column. */
  get onOneLine(): Position | undefined {
    return this.#lines === undefined ? this.#start : undefined;
  }

  positionAt(offset: number): Position {
    const { line, column } = this.#start;
    if (this.#lines === undefined) return { line, column: column + offset };
    const inside = this.#lines.positionAt(offset);
    return inside.line === 1 ? { line, column: column + offset } : { line: line + inside.line - 1, column: inside.column };
  }

  rangeOf({ start, end }: Span): PositionRange {
    return { start: this.positionAt(start), end: this.positionAt(end) };
  }

  /** The offset of a place; of one outside of the row, the nearer end of it. */
  offsetAt({ line, column }: Position): number {
    const below = line - this.#start.line;
    if (below < 0) return 0;
    const from = below === 0 ? 1 - this.#start.column : (this.#lines?.startOf(below + 1) ?? this.#length);
    return Math.min(this.#length, Math.max(0, from + column - 1));
  }
}

/** Turns places in a row's text into lines, columns and bytes of the file. */
export class RowPlacer {
  readonly #origin: RowOrigin;
  readonly #row: DecodedText;
  readonly #positions: RowPositions;

  constructor(origin: RowOrigin, row: DecodedText) {
    this.#origin = origin;
    this.#row = row;
    this.#positions = new RowPositions(origin, row.text);
  }

  place(finding: RowFinding, severity: Severity): Finding {
    const { start, end } = finding.span;
    const byteStart = this.#byteOf(start);
    const related = finding.related.map(({ span, message, inFile }) => ({ message, ...(inFile ?? { range: this.#positions.rangeOf(span) }) }));
    return {
      rule: finding.rule.id,
      severity,
      message: finding.message,
      row: this.#origin.number,
      pointer: finding.pointer,
      range: this.#positions.rangeOf(finding.span),
      byteOffset: this.#origin.byteOffset + byteStart,
      byteLength: this.#byteOf(end) - byteStart,
      ...(related.length > 0 ? { related } : {}),
      profiles: finding.profiles ?? [],
      data: finding.data,
      ...(finding.once === undefined ? {} : { once: finding.once }),
    };
  }

  /** Bytes of the row before `offset`. A replacement character stands for fewer bytes than its own three. */
  #byteOf(offset: number): number {
    // In a row of ASCII a byte is a character; most rows are, and some are long.
    if (this.#row.byteLength === this.#row.text.length && this.#row.invalid.length === 0) return offset;
    let bytes = utf8Length(this.#row.text, 0, offset);
    for (const invalid of this.#row.invalid) if (invalid.at < offset) bytes += invalid.byteLength - 3;
    return bytes;
  }
}
