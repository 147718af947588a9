import * as assert from "node:assert/strict";
import { describe, it } from "node:test";
import { matchesGlob } from "../../../extension/vscode/models/glob";

const cases: readonly [pattern: string, path: string, matches: boolean][] = [
  ["**", "data/train.jsonl", true],
  ["*.jsonl", "train.jsonl", true],
  ["*.jsonl", "data/train.jsonl", true],
  ["*.jsonl", "data/train.json", false],
  ["train*", "train/eval.jsonl", false],
  ["data/*.jsonl", "data/train.jsonl", true],
  ["./data/*.jsonl", "data/train.jsonl", true],
  ["data/*.jsonl", "data/a/train.jsonl", false],
  ["data/**", "data/a/train.jsonl", true],
  ["**/train.jsonl", "train.jsonl", true],
  ["**/train.jsonl", "a/b/train.jsonl", true],
  ["**/train.jsonl", "a/b/xtrain.jsonl", false],
  ["a/**/b.jsonl", "a/b.jsonl", true],
  ["{train,eval}-?.jsonl", "eval-1.jsonl", true],
  ["{train,eval}-?.jsonl", "test-1.jsonl", false],
  ["part-[0-9].jsonl", "part-7.jsonl", true],
  ["part-[!0-9].jsonl", "part-7.jsonl", false],
  ["a+b(1).jsonl", "a+b(1).jsonl", true],
  ["{broken.jsonl", "{broken.jsonl", true],
  ["[z-a].jsonl", "[z-a].jsonl", true],
  ["数据/*.jsonl", "数据/训练.jsonl", true],
  ["/abs/data/*.jsonl", "/abs/data/train.jsonl", true],
];

describe("matchesGlob", () => {
  for (const [pattern, path, matches] of cases) {
    it(`${pattern} ${matches ? "matches" : "does not match"} ${path}`, () => {
      assert.equal(matchesGlob(path, pattern), matches);
    });
  }
});
