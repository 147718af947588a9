import assert from "node:assert/strict";
import { test } from "node:test";
import type { PromptCounter } from "../../../extension/core/analysis/checkRow";
import { checkSlice } from "../../../extension/core/analysis/checkSlice";
import type { Finding } from "../../../extension/core/analysis/finding";
import type { Severities } from "../../../extension/core/analysis/place";
import { fieldsFrom } from "../../../extension/core/dataset/fields";
import { memoryFile } from "../../support/memoryFile";

const ROW = JSON.stringify({ messages: [{ role: "user", content: "a" }, { role: "assistant", content: "b" }] });

/** Checks rows whose prompts differ in transformers.js, and returns the findings about that and how often it was asked. */
async function check(rows: number, options: { readonly severities?: Severities; readonly from?: number } = {}): Promise<{ readonly findings: readonly Finding[]; readonly asked: number }> {
  let asked = 0;
  const counter: PromptCounter = {
    countConversation: () => 3,
    countText: () => 1,
    engineDifference: () => {
      asked++;
      return { kind: "text", at: 4, expected: "True", found: "true" };
    },
  };
  const findings: Finding[] = [];
  const text = `${ROW}\n`.repeat(rows);
  const context = { fields: fieldsFrom({}), counter, maxLength: undefined, expectedFormat: undefined };
  await checkSlice(memoryFile(text), context, {
    shape: "lines",
    ...(options.from === undefined ? {} : { range: { from: options.from, to: text.length } }),
    severities: options.severities ?? {},
    onFindings: (batch) => {
      findings.push(...batch.filter(({ rule }) => rule === "template/engine-differs"));
      return Promise.resolve();
    },
    onProgress: () => undefined,
  });
  return { findings, asked };
}

test("a prompt that transformers.js renders differently is a hint at the conversation", async () => {
  const { findings } = await check(1);
  assert.deepEqual(findings.map(({ severity, pointer, row }) => [severity, pointer, row]), [["hint", "/messages", 1]]);
  assert.equal(findings[0]?.message, 'transformers.js renders this conversation differently from transformers: "true" instead of "True", 4 characters into the prompt.');
  assert.deepEqual(findings[0].data, { kind: "text", at: 4, expected: "True", found: "true" });
});

test("only the first rows of a file are rendered twice", async () => {
  const { findings, asked } = await check(80);
  assert.deepEqual([findings.length, asked], [50, 50]);
  assert.equal((await check(80, { from: ROW.length })).asked, 0);
});

test("who silences it does not pay for it", async () => {
  assert.equal((await check(3, { severities: { "template/engine-differs": "off" } })).asked, 0);
});
