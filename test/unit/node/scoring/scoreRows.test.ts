import assert from "node:assert/strict";
import { appendFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import { TunesmithError, hasCode } from "../../../../extension/base/errors";
import { openFile } from "../../../../extension/node/files";
import { ScoreLog } from "../../../../extension/node/scoring/scoreLog";
import { type RowScore, type Scorer, scoreRows } from "../../../../extension/node/scoring/scoreRows";
import { temporaryFolder } from "../../../support/cleanup";

/** A token a character; the model holds each for as improbable as its code says. */
const SCORER: Scorer = {
  rowTokens: (row) => {
    if (row.includes("refuse")) return Promise.reject(new TunesmithError("template-refused", "No."));
    if (row.includes("broken")) return Promise.reject(new TunesmithError("sidecar-crashed", "Gone."));
    const ids = Uint32Array.from(row, (character) => character.charCodeAt(0));
    return Promise.resolve(row === "{}" ? [] : [{ variant: undefined, ids, mask: undefined, places: new Int32Array(ids.length * 2), turnEnds: [] }]);
  },
  score: ({ ids }) => Promise.resolve({ logProbabilities: Float32Array.from(ids, (id) => -id), nonFinite: [] }),
};

async function scoresOf(text: string, known: (row: number) => boolean = () => false): Promise<RowScore[]> {
  const file = path.join(temporaryFolder("scores"), "data.jsonl");
  writeFileSync(file, text);
  const access = await openFile(file);
  const scores: RowScore[] = [];
  try {
    for await (const score of scoreRows(access, SCORER, { known })) scores.push(score);
  } finally {
    await access.close();
  }
  return scores;
}

describe("the rows of a file are scored", () => {
  it("one after the other, with what is wrong with a row", async () => {
    const scores = await scoresOf('[1]\n\n{"refuse":1}\n{}\n[2]\n');
    assert.deepEqual(scores.map(({ row, problem }) => [row, problem]), [[1, undefined], [3, "No."], [4, "It has no known format."], [5, undefined]]);
    assert.equal(scores[0]?.prompts[0]?.loss, (49 + 93) / 2);
  });

  it("without those that are known", async () => {
    assert.deepEqual((await scoresOf("[1]\n[2]\n[3]\n", (row) => row !== 2)).map(({ row }) => row), [2]);
  });

  it("until the model fails", async () => {
    await assert.rejects(scoresOf('[1]\n{"broken":1}\n'), (error) => hasCode(error, "sidecar-crashed"));
    await assert.rejects(scoresOf("PK\u0003\u0004"), (error) => hasCode(error, "not-a-dataset"));
    assert.deepEqual(await scoresOf(" \n"), []);
  });
});

describe("the log of scores", () => {
  const file = { path: "/data.jsonl", size: 3, modified: 5, model: "/model" };
  const score: RowScore = { row: 2, line: 2, prompts: [{ variant: undefined, tokens: 2, trainedTokens: 0, loss: NaN, maxSurprisal: { token: 1, nats: Infinity }, endProbabilities: [], nonFinite: [1] }] };

  it("outlives the run, also one that was killed in the middle of a line", async () => {
    const folder = temporaryFolder("scores");
    await (await ScoreLog.open(folder, file)).add(score);
    appendFileSync(path.join(folder, readdirSync(folder)[0]!), '{"row":3,"li');
    const again = await ScoreLog.open(folder, file);
    assert.deepEqual([again.has(2), again.has(3)], [true, false]);
    const [kept] = again.scores;
    assert.ok(Number.isNaN(kept?.prompts[0]?.loss));
    assert.equal(kept?.prompts[0]?.maxSurprisal?.nats, Infinity);
    await again.add({ row: 3, line: 3, prompts: [] });
    assert.deepEqual((await ScoreLog.open(folder, file)).scores.map(({ row }) => row), [2, 3]);
  });

  it("is of one version of the file and one model", async () => {
    const folder = temporaryFolder("scores");
    await (await ScoreLog.open(folder, file)).add(score);
    for (const other of [{ ...file, size: 4 }, { ...file, modified: 6 }, { ...file, model: "/other" }]) {
      assert.equal((await ScoreLog.open(folder, other)).has(2), false);
    }
    const log = await ScoreLog.open(folder, file);
    await log.clear();
    assert.equal((await ScoreLog.open(folder, file)).has(2), false);
  });
});
