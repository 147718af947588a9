import type { CancelSignal } from "../../base/cancellation";
import { hasCode, messageOf, TunesmithError } from "../../base/errors";
import type { RandomAccess } from "../../core/io/ports";
import { readRows } from "../../core/jsonl/rows";
import { sniffFile } from "../../core/jsonl/shape";
import { decodeUtf8 } from "../../core/jsonl/utf8";
import { type PromptScore, scoreOf } from "../../core/playground/rowScore";
import type { RowTokens } from "../../core/playground/workerMethods";
import type { ScoreRequest, ScoreResult } from "../../protocol/sidecar";

/** What a model thinks of one row. */
export interface RowScore {
  /** As findings count rows, 1-based. */
  readonly row: number;
  /** Where the row begins, 1-based. */
  readonly line: number;
  readonly prompts: readonly PromptScore[];
  /** Why it has no score, or only some; for people. */
  readonly problem?: string;
}

/** Makes tokens of rows, and has a model read them. */
export interface Scorer {
  rowTokens(row: string, signal: CancelSignal | undefined): Promise<readonly RowTokens[]>;
  score(request: ScoreRequest, signal: CancelSignal | undefined): Promise<Pick<ScoreResult, "logProbabilities" | "nonFinite">>;
}

export interface ScoreRowsOptions {
  readonly signal?: CancelSignal | undefined;
  /** Whether the score of a row is known already. */
  readonly known?: (row: number) => boolean;
  readonly onProgress?: (bytesDone: number) => void;
}

/**
 * Scores the rows of a file one after the other. What is wrong with one row is told with it, and the rest goes on; what is
 * wrong with the model ends it.
 * @throws TunesmithError `not-a-dataset`, and what the scorer throws of the model itself
 */
export async function* scoreRows(file: RandomAccess, scorer: Scorer, options: ScoreRowsOptions = {}): AsyncGenerator<RowScore, void, void> {
  const { signal, known, onProgress } = options;
  const found = await sniffFile(file, signal);
  if (found.kind === "empty") return;
  if (found.kind === "binary") throw new TunesmithError("not-a-dataset", `This is ${found.what}, not a dataset.`);
  for await (const { rows, bytesDone } of readRows(file, { shape: found.shape, signal })) {
    for (const { number: row, line, bytes, fault, oversize } of rows) {
      if (fault !== undefined || known?.(row) === true) continue;
      if (oversize === undefined) yield await scoreRow({ row, line }, decodeUtf8(bytes).text, scorer, signal);
      else yield { row, line, prompts: [], problem: `It has ${oversize} bytes, which is too long to be read.` };
    }
    onProgress?.(bytesDone);
  }
}

/** Errors that are a row's own. */
const OF_THE_ROW: readonly string[] = ["template-refused", "timed-out", "prompt-too-long"];

async function scoreRow(place: Pick<RowScore, "row" | "line">, text: string, scorer: Scorer, signal: CancelSignal | undefined): Promise<RowScore> {
  const prompts: PromptScore[] = [];
  try {
    const tokens = await scorer.rowTokens(text, signal);
    if (tokens.length === 0) return { ...place, prompts, problem: "It has no known format." };
    for (const prompt of tokens) {
      // Nothing predicts the first token, so one alone has no score.
      if (prompt.ids.length < 2) continue;
      const { logProbabilities, nonFinite } = await scorer.score({ ids: prompt.ids }, signal);
      prompts.push(scoreOf(prompt, logProbabilities, nonFinite));
    }
    return { ...place, prompts };
  } catch (error) {
    if (OF_THE_ROW.some((code) => hasCode(error, code))) return { ...place, prompts, problem: messageOf(error) };
    throw error;
  }
}
