/**
 * The merges that make SentencePiece's BPE pieces, in the order of their ranks, as `transformers` derives them from the pieces'
 * scores: each way to make a piece of two others, better scores first, else in the order of the pieces' ids, then the left parts'.
 * @param pieces by id; @param scores of the same length.
 */
export function mergesOfPieces(pieces: readonly string[], scores: ArrayLike<number>): [string, string][] {
  const ids = new Map(pieces.map((piece, id) => [piece, id]));
  const merges = pieces.flatMap((piece, id) => (ids.get(piece) === id ? waysToMake(piece, scores[id] ?? 0, ids) : []));
  merges.sort((a, b) => b.score - a.score);
  return merges.map(({ left, right }) => [left, right]);
}

interface Merge {
  readonly left: string;
  readonly right: string;
  readonly score: number;
  readonly leftId: number;
  readonly rightId: number;
}

function waysToMake(piece: string, score: number, ids: ReadonlyMap<string, number>): Merge[] {
  const ways: Merge[] = [];
  let at = 0;
  for (const character of piece) {
    at += character.length;
    const left = piece.slice(0, at);
    const leftId = ids.get(left);
    if (leftId === undefined || at === piece.length) continue;
    const right = piece.slice(at);
    const rightId = ids.get(right);
    if (rightId !== undefined) ways.push({ left, right, score, leftId, rightId });
  }
  return ways.sort((a, b) => a.leftId - b.leftId || a.rightId - b.rightId);
}
