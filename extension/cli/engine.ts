import type { Finding } from "../core/analysis/finding";
import type { FileSummary, ModelSummary } from "../core/analysis/report";
import type { RuleMeta, Severity } from "../core/rules/rule";

/** What to check, and how. Paths are relative to the process's working directory, or absolute. */
export interface CheckRequest {
  readonly files: readonly string[];
  /** Where relative paths begin. */
  readonly cwd: string;
  /** A model folder, a GGUF file or a hub id. */
  readonly model: string | undefined;
  /** A template file that is used in place of the model's own. */
  readonly template: string | undefined;
  readonly templateName: string | undefined;
  /** The time that `strftime_now` gives, instead of the present, in milliseconds. */
  readonly now: number | undefined;
  readonly profiles: readonly string[];
  /** The file that says how the model is trained; `none` where nothing is to be assumed, undefined to look for it beside the data. */
  readonly training: string | undefined;
  readonly maxLength: number | undefined;
  readonly severities: Readonly<Record<string, Severity | "off">>;
  /** How many worker threads at most. */
  readonly jobs: number;
}

/**
 * What a check tells while it runs. Files come one after another, in the order of the request: the start of a file, its
 * findings in row order, its end, then the next file. Every call is synchronous and cheap, and none throws.
 */
export interface CheckEvents {
  /** Called once, before the first file. */
  onModel(model: ModelSummary | null): void;
  onFileStart(path: string, bytes: number): void;
  /** Counts over all files of the request. */
  onProgress(bytesDone: number, bytesTotal: number): void;
  onFinding(path: string, finding: Finding): void;
  onFileEnd(summary: FileSummary): void;
  /** A note for people, such as a limit that was reached. */
  onMessage(text: string): void;
}

/**
 * Checks the files and settles when all of them are done. Rejects with a `TunesmithError` when the check cannot run, and
 * with a `CancelledError` soon after `signal` was aborted.
 */
export type RunCheck = (request: CheckRequest, events: CheckEvents, signal: AbortSignal) => Promise<void>;

/** What the command line needs of the engine. */
export interface CheckEngine {
  readonly runCheck: RunCheck;
  /** Every rule that there is, for the validation of `--severity` and for the reports. */
  readonly rules: readonly RuleMeta[];
}
