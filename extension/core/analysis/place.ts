import { LineMap, type Position, type Span, utf8Length } from "../../base/text";
import type { RawRow } from "../jsonl/rows";
import type { DecodedText } from "../jsonl/utf8";
import type { RuleMeta, Severity } from "../rules/rule";
import type { RowFinding } from "./checkRow";
import type { Finding, PositionRange } from "./finding";

/** Severities that a user set, by rule; `off` silences the rule. */
export type Severities = Readonly<Record<string, Severity | "off">>;

/** The severity of a rule, or undefined where it is silenced. */
export function severityOf(rule: RuleMeta, severities: Severities): Severity | undefined {
  const set = Object.hasOwn(severities, rule.id) ? severities[rule.id] : undefined;
  return set === "off" ? undefined : (set ?? rule.severity);
}

/** Where a row begins. */
export type RowOrigin = Pick<RawRow, "number" | "line" | "column" | "byteOffset">;

/** Turns places in a row's text into lines, columns and bytes of the file. */
export class RowPlacer {
  readonly #origin: RowOrigin;
  readonly #row: DecodedText;
  readonly #lines: LineMap | undefined;

  constructor(origin: RowOrigin, row: DecodedText) {
    this.#origin = origin;
    this.#row = row;
    this.#lines = row.text.includes("\n") || row.text.includes("\r") ? new LineMap(row.text) : undefined;
  }

  place(finding: RowFinding, severity: Severity): Finding {
    const { start, end } = finding.span;
    const byteStart = this.#byteOf(start);
    const related = finding.related.map(({ span, message }) => ({ message, range: this.#range(span) }));
    return {
      rule: finding.rule.id,
      severity,
      message: finding.message,
      row: this.#origin.number,
      pointer: finding.pointer,
      range: this.#range(finding.span),
      byteOffset: this.#origin.byteOffset + byteStart,
      byteLength: this.#byteOf(end) - byteStart,
      ...(related.length > 0 ? { related } : {}),
      profiles: [],
      data: finding.data,
    };
  }

  #range({ start, end }: Span): PositionRange {
    return { start: this.#position(start), end: this.#position(end) };
  }

  #position(offset: number): Position {
    const { line, column } = this.#origin;
    if (this.#lines === undefined) return { line, column: column + offset };
    const inside = this.#lines.positionAt(offset);
    return inside.line === 1 ? { line, column: column + offset } : { line: line + inside.line - 1, column: inside.column };
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
