import assert from "node:assert/strict";
import { test } from "node:test";
import { type GenerationSpan, assistantMask, seemsToHaveGeneration } from "../../../extension/core/template/masks";
import { TemplateRefusal } from "../../../extension/core/template/renderer";

/** Tokens of "ab cd ef": the space before "ef" belongs to none. */
const OFFSETS = [0, 2, 2, 5, 6, 8];

function maskOf(...spans: GenerationSpan[]): string {
  return assistantMask(spans, OFFSETS).mask.join("");
}

test("a span trains the tokens that hold its first and its last character, and those between", () => {
  assert.equal(maskOf([3, 5]), "010");
  assert.equal(maskOf([4, 7]), "011");
  assert.equal(maskOf([6, 8], [2, 5]), "011");
  assert.equal(maskOf(), "000");
  assert.deepEqual(assistantMask([[3, 5]], OFFSETS).faults, []);
  assert.equal(assistantMask([[3, 8]], OFFSETS).trained, 2);
});

test("a span that ends in the first token runs to the end, as in transformers#47325", () => {
  assert.equal(maskOf([0, 2]), "111");
  assert.deepEqual(assistantMask([[0, 2]], OFFSETS).faults, [{ kind: "runs-to-end", span: 0, tokens: [1, 3] }]);
});

test("a span that ends in a character without a token runs to the end", () => {
  assert.equal(maskOf([3, 6]), "011");
  assert.deepEqual(assistantMask([[3, 6]], OFFSETS).faults, [{ kind: "runs-to-end", span: 0, tokens: [2, 3] }]);
});

test("a span that reaches the last token anyway is no fault", () => {
  assert.deepEqual(assistantMask([[6, 8]], OFFSETS).faults, []);
});

test("a span that begins in no token ends the mask", () => {
  assert.equal(maskOf([5, 8], [2, 5]), "000");
  assert.deepEqual(assistantMask([[5, 8]], OFFSETS).faults.map(({ kind }) => kind), ["dropped"]);
  assert.deepEqual(assistantMask([[9, 12]], OFFSETS).faults.map(({ kind }) => kind), ["beyond-end"]);
  assert.deepEqual(assistantMask([[6, 12]], OFFSETS).faults.map(({ kind }) => kind), []);
  assert.deepEqual(assistantMask([[3, 12]], OFFSETS).mask.join(""), "011");
});

test("an empty span at the very beginning is an error, as in the reference", () => {
  assert.throws(() => maskOf([0, 0]), (error) => error instanceof TemplateRefusal && error.type === "OverflowError");
});

test("of tokens that share a character the first one counts", () => {
  const halves = [0, 1, 1, 3, 1, 3, 3, 4];
  assert.equal(assistantMask([[1, 3]], halves).mask.join(""), "0100");
});

test("the tag is looked for as the reference does", () => {
  for (const source of ["{% generation %}", "{%- generation -%}", "{%generation%}", "{%\n generation\n%}"]) assert.ok(seemsToHaveGeneration(source), source);
  for (const source of ["{%+ generation %}", "{{ generation }}", "{% generations %}"]) assert.ok(!seemsToHaveGeneration(source), source);
});
