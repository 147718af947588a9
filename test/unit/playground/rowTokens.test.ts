import assert from "node:assert/strict";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { hasCode } from "../../../extension/base/errors";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import type { PromptModel } from "../../../extension/core/model/promptModel";
import { chatPrompt } from "../../../extension/core/playground/chatPrompt";
import { outlierFence, scoreOf, surpriseLevel } from "../../../extension/core/playground/rowScore";
import { rowTokens } from "../../../extension/core/playground/rowTokens";
import { loadModel } from "../../../extension/node/loadModel";

/** The embedded model: its template has generation blocks. */
const MODEL = path.resolve("extension/assets/model");
let model: PromptModel;

before(async () => {
  ({ model } = await loadModel({ source: MODEL }));
});

const row = JSON.stringify({ messages: [{ role: "user", content: "What is 2 + 3?" }, { role: "assistant", content: "5 is \"it\"." }] });

describe("the tokens of a row", () => {
  it("stand for the characters that they come from, through escapes", () => {
    const [prompt] = rowTokens(model, row, DEFAULT_FIELDS);
    assert.ok(prompt?.mask !== undefined);
    const covered = new Set<number>();
    for (let token = 0; token < prompt.ids.length; token++) {
      for (let at = prompt.places[2 * token]!; at < prompt.places[2 * token + 1]!; at++) covered.add(at);
    }
    const characters = [...covered].sort((a, b) => a - b).map((at) => row[at]).join("");
    assert.ok(characters.includes("What is 2 + 3?") && characters.includes('5 is \\"it\\".'), characters);
    assert.ok(!characters.includes("messages"));
  });

  it("an assistant's turn ends with the token that the model must say, and that is trained on", () => {
    const [prompt] = rowTokens(model, row, DEFAULT_FIELDS);
    assert.equal(prompt?.turnEnds.length, 1);
    const end = prompt.turnEnds[0]!;
    assert.equal(prompt.mask?.[end], 1);
    assert.match(model.tokenizer.tokenText(prompt.ids[end]!) ?? "", /^<\|.*\|>$/);
  });

  it("a row that is no sample has none, and one that is refused says why", () => {
    assert.deepEqual(rowTokens(model, "{}", DEFAULT_FIELDS), []);
    assert.deepEqual(rowTokens(model, "{", DEFAULT_FIELDS), []);
    assert.throws(
      () => chatPrompt(model, { messages: [], addGenerationPrompt: true, variables: {} }),
      (error) => hasCode(error, "template-refused"),
    );
  });
});

describe("the score of a prompt", () => {
  it("is the mean over what is trained on", () => {
    const prompt = { variant: undefined, ids: Uint32Array.of(1, 2, 3, 4), mask: Uint8Array.of(0, 0, 1, 1), places: new Int32Array(8), turnEnds: [3] };
    const score = scoreOf(prompt, Float32Array.of(0, -9, -1, -3), []);
    assert.deepEqual([score.tokens, score.trainedTokens, score.loss, score.maxSurprisal], [3, 2, 2, { token: 3, nats: 3 }]);
    assert.ok(Math.abs(score.endProbabilities[0]! - Math.exp(-3)) < 1e-12);
    const all = scoreOf({ ...prompt, mask: undefined }, Float32Array.of(0, -9, -1, -2), []);
    assert.deepEqual([all.trainedTokens, all.loss], [3, 4]);
    assert.ok(Number.isNaN(scoreOf(prompt, Float32Array.of(0, 0, NaN, -1), [2]).loss));
    assert.ok(Number.isNaN(scoreOf({ ...prompt, mask: new Uint8Array(4) }, new Float32Array(4), []).loss));
  });

  it("surprise comes in steps, and outliers lie beyond the fence", () => {
    assert.deepEqual([0, 0.99, 1, 3.5, 9, 11, NaN].map(surpriseLevel), [0, 0, 1, 2, 3, 4, 4]);
    assert.equal(outlierFence([1, 2, 3, 4, 5, NaN]), 4 + 1.5 * 2);
  });
});
