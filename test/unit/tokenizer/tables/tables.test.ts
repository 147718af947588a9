import assert from "node:assert/strict";
import { it } from "node:test";
import { MAX_ID, MAX_MERGES, addMerge, createMergeTable, hashOfPair, rankOf } from "../../../../extension/core/tokenizer/tables/mergeTable";
import { HASH_SEED, MAX_PROBES, createVocabulary, findToken, hashByte, indexToken } from "../../../../extension/core/tokenizer/tables/vocabulary";
import { Random } from "../../../support/random";

const allocate = (byteLength: number): ArrayBuffer => new ArrayBuffer(byteLength);

it("merges are found by their pair, up to the largest ids and ranks", () => {
  const random = new Random(14);
  const table = createMergeTable(5000, allocate);
  const ranks = new Map<string, number>();
  const edges = [0, 1, 255, 256, 257, 4095, 4096, MAX_ID - 1];
  const id = (): number => (random.int(3) === 0 ? random.pick(edges) : random.int(600));
  for (let rank = 0; rank < 5000; rank++) {
    const [left, right] = [id(), id()];
    addMerge(table, left, right, rank, rank + 1);
    ranks.set(`${left} ${right}`, rank);
  }
  for (const left of [...edges, 17, 300]) {
    for (let right = 0; right < 700; right++) assert.equal(rankOf(table.slots, table.low, table.filter, left, right), ranks.get(`${left} ${right}`) ?? -1, `${left} ${right}`);
  }
  assert.equal(table.results[4999], 5000);
  const last = createMergeTable(1, allocate);
  addMerge(last, MAX_ID - 1, MAX_ID - 1, MAX_MERGES - 1, 1);
  assert.equal(rankOf(last.slots, last.low, last.filter, MAX_ID - 1, MAX_ID - 1), MAX_MERGES - 1);
});

it("tokens are found by their bytes", () => {
  const random = new Random(15);
  const tokens = Array.from(new Set(Array.from({ length: 3000 }, () => Array.from({ length: 1 + random.int(5) }, () => 97 + random.int(4)).join(" ")))).map((bytes) => bytes.split(" ").map(Number));
  const vocabulary = createVocabulary(tokens.length + 1, tokens.flat().length, allocate);
  let end = 0;
  for (const [id, token] of tokens.entries()) {
    vocabulary.bytes.set(token, end);
    end += token.length;
    vocabulary.starts[id + 1] = end;
    indexToken(vocabulary, id);
  }
  vocabulary.starts[tokens.length + 1] = end;
  const find = (bytes: readonly number[]): number => findToken(vocabulary, Uint8Array.from([9, ...bytes, 9]), 1, bytes.length + 1, bytes.reduce(hashByte, HASH_SEED));
  for (const [id, token] of tokens.entries()) assert.equal(find(token), id);
  for (const unknown of [[], [96], [97, 97, 97, 97, 97, 97]]) assert.equal(find(unknown), -1);
});

it("pairs made to fall together are refused before they cost much", () => {
  const table = createMergeTable(4000, allocate);
  const last = table.slots.length / 2 - 1;
  let added = 0;
  let refused = false;
  for (let left = 1000; !refused && left < MAX_ID; left++) {
    for (let right = 300; !refused && right < 400; right++) {
      if ((hashOfPair((left << 12) | (right >>> 8), right) & last) !== 5) continue;
      refused = !addMerge(table, left, right, added, added);
      added++;
    }
  }
  assert.deepEqual([refused, added], [true, MAX_PROBES + 2]);
});

it("so are tokens", () => {
  // More tokens than slots.
  const count = 4097;
  const vocabulary = { ...createVocabulary(count, 2 * count, allocate), slots: new Uint32Array(4096) };
  let indexed = 0;
  for (let id = 0; id < count; id++) {
    vocabulary.bytes.set([id & 255, id >> 8], 2 * id);
    vocabulary.starts[id + 1] = 2 * (id + 1);
    if (!indexToken(vocabulary, id)) break;
    indexed++;
  }
  assert.ok(indexed > 2000 && indexed < count, `${indexed} of ${count}`);
});
