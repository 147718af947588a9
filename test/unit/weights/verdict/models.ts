import type { EmbeddingMatrices, RowMatrix } from "../../../../extension/core/weights/matrix";
import { type EmbeddingStatistics, measureEmbeddings } from "../../../../extension/core/weights/statistics/embeddingStatistics";
import type { RunModel } from "../../../../extension/core/weights/verdict/trainer/predict";
import type { SpecialIds, Vocabulary } from "../../../../extension/core/weights/verdict/vocabulary";
import { matrixOf } from "../statistics/matrices";

/** Rows of a model: input rows, and output rows where it is not tied. */
export interface ModelRows {
  readonly input: readonly (readonly number[])[];
  readonly output?: readonly (readonly number[])[];
}

export function matricesOf({ input, output }: ModelRows, dtype = "BF16"): EmbeddingMatrices {
  const matrix = (rows: readonly (readonly number[])[]): RowMatrix => matrixOf(dtype, rows[0]!.length, rows.flat());
  const made = matrix(input);
  return { input: made, output: output === undefined ? made : matrix(output), tied: output === undefined, close: () => Promise.resolve() };
}

export async function statisticsOf(rows: ModelRows, referenceIds?: readonly number[]): Promise<EmbeddingStatistics> {
  return await measureEmbeddings(matricesOf(rows), { referenceIds });
}

/** Tokens by id, with a codec that takes the longest token at each place. */
export function vocabularyOf(tokens: readonly (string | undefined)[]): Vocabulary {
  return {
    size: tokens.length,
    token: (id) => tokens[id],
    has: (id) => tokens[id] !== undefined,
    codec: {
      decode: (ids) => ids.map((id) => tokens[id] ?? "").join(""),
      encode: (text) => {
        const ids: number[] = [];
        for (let at = 0; at < text.length; ) {
          let best = -1;
          for (const [id, token] of tokens.entries()) {
            if (token !== undefined && token !== "" && text.startsWith(token, at) && token.length > (tokens[best]?.length ?? 0)) best = id;
          }
          // Like an unknown token: nothing has this id.
          ids.push(best);
          at += tokens[best]?.length ?? 1;
        }
        return ids;
      },
    },
  };
}

export const NO_SPECIAL: SpecialIds = { additional: [] };

export async function modelOf(rows: ModelRows, tokens: readonly (string | undefined)[], special: SpecialIds = NO_SPECIAL, referenceIds?: readonly number[]): Promise<RunModel> {
  return { statistics: await statisticsOf(rows, referenceIds), vocabulary: vocabularyOf(tokens), special };
}
