import type { Position } from "../../base/text";
import type { Severity } from "../rules/rule";

/** Where a finding's related place is. */
export interface RelatedFinding {
  readonly message: string;
  readonly range: PositionRange;
  /** The absolute path of the file, where it is another one than the finding's. */
  readonly file?: string;
}

/** A place in a file. */
export interface FilePlace {
  /** Absolute. */
  readonly file: string;
  readonly range: PositionRange;
}

export interface PositionRange {
  readonly start: Position;
  readonly end: Position;
}

/** Something that a rule found, with its place in the file. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** 1-based: the line of a JSON Lines row, the ordinal of an element of a JSON array. 0 where the finding is about the file. */
  readonly row: number;
  /** JSON Pointer into the row; `""` is the row. */
  readonly pointer: string;
  /** Lines and columns (UTF-16 units) are those of the file. */
  readonly range: PositionRange;
  /** The same place in bytes of the file. */
  readonly byteOffset: number;
  readonly byteLength: number;
  readonly related?: readonly RelatedFinding[];
  /** The trainers whose own check would say so. */
  readonly profiles: readonly string[];
  readonly data: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  /** Findings of a file with the same key say the same: only the first is reported. */
  readonly once?: string;
}
