import assert from "node:assert/strict";
import { test } from "node:test";
import { instructName } from "../../../extension/core/model/instructName";

test("the instruct version of a base model, by its maker's way of naming", () => {
  for (const [base, instruct] of [
    ["meta-llama/Meta-Llama-3-8B", "meta-llama/Meta-Llama-3-8B-Instruct"],
    ["Llama-3.1-70B", "Llama-3.1-70B-Instruct"],
    ["unsloth/llama-3-8b-bnb-4bit", "unsloth/llama-3-8b-Instruct-bnb-4bit"],
    ["mistralai/Mistral-7B-v0.3", "mistralai/Mistral-7B-Instruct-v0.3"],
    ["mistralai/Mistral-Nemo-Base-2407", "mistralai/Mistral-Nemo-Instruct-2407"],
    ["Qwen/Qwen2.5-7B", "Qwen/Qwen2.5-7B-Instruct"],
    ["Qwen/Qwen3-8B-Base", "Qwen/Qwen3-8B"],
    ["google/gemma-2b", "google/gemma-2b-it"],
    ["google/gemma-3-12b-pt", "google/gemma-3-12b-it"],
  ] as const) {
    assert.equal(instructName(base), instruct);
  }
  for (const other of ["meta-llama/Meta-Llama-3-8B-Instruct", "google/gemma-2b-it", "my-model", "NousResearch/Hermes-3-Llama-3.1-8B", "astronomer/Llama-3-8B-Special-Tokens-Adjusted"]) {
    assert.equal(instructName(other), undefined, other);
  }
});
