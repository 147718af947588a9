import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { FormatId, JsonObject } from "../../../extension/core/dataset/conversation";
import { DEFAULT_FIELDS } from "../../../extension/core/dataset/fields";
import { detectFormat, readSample } from "../../../extension/core/dataset/formats";

const messages = [
  { role: "user", content: "a" },
  { role: "assistant", content: "b" },
];
const turns = [
  { from: "human", value: "a" },
  { from: "gpt", value: "b" },
];

const CASES: readonly (readonly [row: JsonObject, format: FormatId | undefined])[] = [
  [{ messages }, "messages"],
  [{ messages: "wrong" }, "messages"],
  [{ messages: [] }, "messages"],
  [{ messages: null }, "messages"],
  [{ messages: turns }, "sharegpt"],
  [{ messages: null, text: "a" }, "text"],
  [{ messages, text: "a", label: 1 }, "messages"],
  [{ conversations: turns }, "sharegpt"],
  [{ conversation: turns }, "sharegpt"],
  [{ conversations: messages }, "messages"],
  [{ conversations: 5 }, "sharegpt"],
  [{ conversations: [] }, "sharegpt"],
  [{ instruction: "a", output: "b" }, "alpaca"],
  [{ instruction: "a", input: "", response: "b" }, "alpaca"],
  [{ prompt: "whole", instruction: "a", input: "", response: "b" }, "alpaca"],
  [{ prompt: "a", completion: "b" }, "prompt_completion"],
  [{ prompt: "a", response: "b" }, "prompt_completion"],
  [{ prompt: "a", completion: null }, "prompt_completion"],
  [{ prompt: null, completion: null, text: "a" }, "text"],
  [{ input: "a", output: "b" }, "prompt_completion"],
  [{ prompt: "a", chosen: "b", rejected: "c" }, "preference"],
  [{ chosen: messages, rejected: messages }, "preference"],
  [{ chosen: { messages }, rejected: { messages } }, "preference"],
  [{ chosen_messages: messages, rejected_messages: messages }, "preference"],
  [{ conversations: turns, chosen: turns[1] ?? null, rejected: turns[1] ?? null }, "preference"],
  [{ question: "a", response_j: "b", response_k: "c" }, "preference"],
  [{ input: { messages }, preferred_output: messages, non_preferred_output: messages }, "preference"],
  [{ preferred_output: messages, non_preferred_output: messages }, undefined],
  [{ input: { messages }, preferred_output: messages }, undefined],
  [{ messages, label: true }, "kto"],
  [{ conversations: turns, kto_tag: false }, "kto"],
  [{ prompt: "a", completion: "b", label: false }, "kto"],
  [{ prompt: "a", completion: "b", label: 1 }, "prompt_completion"],
  [{ text: "a", label: true }, "text"],
  [{ question: "a", answer: "b" }, "question_answer"],
  [{ problem: "a", solution: "b" }, "question_answer"],
  [{ query: "a", response: "b" }, "question_answer"],
  [{ system: "s", question: "a", response: "b" }, "question_answer"],
  [{ question: "a", answer: 4 }, undefined],
  [{ text: "a" }, "text"],
  [{ text: 5 }, "text"],
  [{ text: null }, "text"],
  [{}, undefined],
  [{ prompt: "a" }, undefined],
  [{ completion: "a" }, undefined],
  [{ turns: ["a"], question_id: 1 }, undefined],
  [{ question: [[{ role: "user", content: "a" }]], function: [] }, undefined],
  [{ query: "a", positive: "b" }, undefined],
  [{ input_ids: [1], labels: [1], attention_mask: [1] }, "tokenized"],
  [{ input_ids: [1], text: "a" }, "text"],
  [{ input_ids: "1 2" }, undefined],
  [{ constructor: "a", toString: "b" }, undefined],
];

describe("the format of a row", () => {
  for (const [row, format] of CASES) {
    test(`${JSON.stringify(row).slice(0, 90)} is ${format ?? "unknown"}`, () => {
      assert.equal(detectFormat(row, DEFAULT_FIELDS), format);
      assert.equal(readSample(row, DEFAULT_FIELDS)?.format, format);
    });
  }
});
