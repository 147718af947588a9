import type { Hit } from "./messages";
import type { Vocabulary } from "../vocabulary";

/** The tokens of a dataset's rows, counted from 0. */
export interface TokenRows {
  readonly count: number;
  ids(row: number): ArrayLike<number>;
}

/** A dataset that has no `input_ids` yet. */
export const NO_ROWS: TokenRows = { count: 0, ids: () => [] };

/**
 * Where the ids occur in the first and the last `window` rows, in the order in which Unsloth looks: where these overlap, twice.
 * Every occurrence counts, masked or not.
 */
export function hitsAtEnds(ids: ReadonlySet<number>, rows: TokenRows, window: number): Hit[] {
  const hits: Hit[] = [];
  const look = (from: number, to: number): void => {
    for (let row = from; row < to; row++) {
      for (const id of Array.from(rows.ids(row))) if (ids.has(id)) hits.push({ id, row });
    }
  };
  look(0, Math.min(window, rows.count));
  look(Math.max(rows.count - window, 0), rows.count);
  return hits;
}

/**
 * The ids whose tokens, as the tokenizer writes them, stand anywhere in the template's source; of several templates, whose
 * tokens are the very name of one.
 */
export function idsInTemplate(ids: Iterable<number>, template: string | readonly string[] | undefined, vocabulary: Vocabulary): number[] {
  if (template === undefined) return [];
  // `in` of a Python string finds substrings, of a dictionary keys: the same method here.
  return [...ids].filter((id) => {
    const token = vocabulary.token(id);
    return token !== undefined && template.includes(token);
  });
}

/** Which ids the dataset uses anywhere, and the first rows that do, at most `shown`. */
export function usedAnywhere(ids: ReadonlySet<number>, rows: TokenRows, shown: number): { readonly ids: readonly number[]; readonly rows: readonly number[] } {
  const used = new Set<number>();
  const first: number[] = [];
  for (let row = 0; row < rows.count; row++) {
    let found = false;
    for (const id of Array.from(rows.ids(row))) {
      if (!ids.has(id)) continue;
      found = true;
      used.add(id);
    }
    if (found && first.length < shown) first.push(row);
  }
  return { ids: [...used].sort((a, b) => a - b), rows: first };
}
