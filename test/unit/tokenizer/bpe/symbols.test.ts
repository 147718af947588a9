import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Symbols } from "../../../../extension/core/tokenizer/bpe/symbols";
import { addMerge, createMergeTable } from "../../../../extension/core/tokenizer/tables/mergeTable";
import { Random } from "../../../support/random";

interface Merge {
  readonly left: number;
  readonly right: number;
  readonly result: number;
}

/** Ids count up from those of letters. */
function randomMerges(random: Random, letters: number, count: number): readonly Merge[] {
  return Array.from({ length: count }, (_, rank) => ({ left: random.int(letters + rank), right: random.int(letters + rank), result: letters + rank }));
}

function symbolsOf(merges: readonly Merge[]): Symbols {
  const table = createMergeTable(merges.length, (byteLength) => new ArrayBuffer(byteLength));
  for (const [rank, { left, right, result }] of merges.entries()) addMerge(table, left, right, rank, result);
  return new Symbols(table);
}

/** Looks at everything again for each merge. */
function slowly(word: readonly number[], merges: readonly Merge[]): readonly (readonly [id: number, end: number])[] {
  const ranks = new Map(merges.map(({ left, right }, rank) => [`${left} ${right}`, rank]));
  let symbols = word.map((id, i): readonly [number, number] => [id, i + 1]);
  while (true) {
    let best = Infinity;
    let at = -1;
    for (let i = 0; i + 1 < symbols.length; i++) {
      const rank = ranks.get(`${symbols[i]![0]} ${symbols[i + 1]![0]}`) ?? Infinity;
      if (rank < best) [best, at] = [rank, i];
    }
    if (at < 0) return symbols;
    symbols = [...symbols.slice(0, at), [merges[best]!.result, symbols[at + 1]![1]], ...symbols.slice(at + 2)];
  }
}

function merged(symbols: Symbols, word: readonly number[]): readonly (readonly [id: number, end: number])[] {
  symbols.count = 0;
  for (const [i, id] of word.entries()) symbols.add(id, i + 1);
  symbols.merge();
  const result = Array.from({ length: symbols.count }, (_, i): readonly [number, number] => [symbols.ids[i]!, symbols.ends[i]!]);
  symbols.release();
  return result;
}

describe("merging takes the pair with the lowest rank, the leftmost of equals", () => {
  for (const [name, letters, count, length, rounds] of [
    ["short words", 3, 40, 20, 400],
    ["words at the border between both ways", 2, 30, 80, 200],
    ["long words", 4, 200, 500, 30],
    ["ids above those of bytes", 400, 3000, 200, 30],
  ] as const) {
    it(name, () => {
      const random = new Random(13);
      for (let round = 0; round < rounds; round++) {
        const merges = randomMerges(random, letters, count);
        const symbols = symbolsOf(merges);
        for (let i = 0; i < 3; i++) {
          const word = Array.from({ length: random.int(length) }, () => random.int(letters));
          assert.deepEqual(merged(symbols, word), slowly(word, merges), word.join(" "));
        }
      }
    });
  }

  it("of two merges of the same pair the later counts", () => {
    const merges = [{ left: 0, right: 1, result: 2 }, { left: 1, right: 1, result: 3 }, { left: 0, right: 1, result: 4 }];
    assert.deepEqual(merged(symbolsOf(merges), [0, 1, 1]), [[0, 1], [3, 3]]);
    assert.deepEqual(merged(symbolsOf(merges), [0, 1, 0]), [[4, 2], [0, 3]]);
  });

  it("a word of a million equal symbols", () => {
    const symbols = symbolsOf([{ left: 0, right: 0, result: 1 }, { left: 1, right: 1, result: 2 }, { left: 2, right: 2, result: 3 }]);
    const result = merged(symbols, new Array<number>(1_000_001).fill(0));
    assert.equal(result.length, 125_001);
    assert.deepEqual([result[0], result.at(-1)], [[3, 8], [0, 1_000_001]]);
  });
});
