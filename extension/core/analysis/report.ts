import type { FormatId } from "../dataset/conversation";
import type { TokenizerEngine } from "../tokenizer/tokenizer";

/** Tokens of one file, counted over its rendered prompts. */
export interface TokenStatistics {
  readonly total: number;
  /** Tokens that are trained on, where that is known. */
  readonly trained: number;
  readonly max: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/** How many rows have how many tokens. `from` is inclusive, `to` exclusive. */
export interface HistogramBin {
  readonly from: number;
  readonly to: number;
  readonly rows: number;
}

/** The format of a whole file: its rows' format, `mixed` where they differ, `unknown` where none was recognised, `empty` without rows. */
export type FileFormat = FormatId | "mixed" | "unknown" | "empty";

/** What is known of one file after it was checked; the findings are delivered apart, as they are found. */
export interface FileSummary {
  readonly path: string;
  readonly bytes: number;
  readonly rows: number;
  readonly format: FileFormat;
  readonly tokens: TokenStatistics | null;
  readonly histogram: readonly HistogramBin[];
  readonly counts: SeverityCounts;
  /** How often each rule fired. */
  readonly byRule: Readonly<Record<string, number>>;
}

export interface SeverityCounts {
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  readonly hints: number;
}

/** The model that a check was run with. */
export interface ModelSummary {
  readonly id: string;
  /** A hash of tokenizer.json or what stands for it, or null without one. */
  readonly tokenizer: string | null;
  /** The name of the chat template in use, or null without one. */
  readonly template: string | null;
  /** Which code counts the tokens, and why not the fast one. */
  readonly engine?: TokenizerEngine;
}
