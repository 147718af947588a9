import type { Finding } from "../../core/analysis/finding";
import type { FileSummary, ModelSummary, SeverityCounts } from "../../core/analysis/report";

/** The sums over all files of a check. */
export interface Totals {
  readonly files: number;
  readonly bytes: number;
  readonly rows: number;
  readonly tokens: number;
  readonly counts: SeverityCounts;
  readonly seconds: number;
}

/** Turns what a check tells into a report. Fed file by file; findings of a file come before its summary. */
export interface Reporter {
  model(model: ModelSummary | null): void;
  finding(path: string, finding: Finding): void;
  fileEnd(summary: FileSummary): void;
  /** Writes what is left. Not called when the check did not come to its end. */
  finish(totals: Totals): Promise<void>;
}

/**
 * `JSON.stringify`, with the characters escaped besides that a terminal obeys or that reorder text: C1 controls, line
 * separators and bidirectional controls. The value is the same.
 */
export function jsonText(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
