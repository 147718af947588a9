import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { MAX_CONVERSATION_STEPS } from "../../extension/core/jinja/runtime/limits";
import { fromJson } from "../../extension/core/jinja/value/json";
import { parseChatTemplate } from "../../extension/core/template/environment";
import { stepsFor } from "../../extension/core/template/renderSteps";
import { FIXTURES, haveFixtures } from "../support/fixtures";

const WORDS = "some words of a long document\n".repeat(170_000);

/** A long conversation may take no more than this part of the steps that it is allowed. */
const SHARE = 1 / 4;

function turns(count: number, characters: number): { role: string; content: string }[] {
  return Array.from({ length: count }, (_, i) => ({ role: i % 2 === 0 ? "user" : "assistant", content: WORDS.slice(0, characters) }));
}

/** Of the real templates those that take the most steps for a conversation, and why. */
const DEMANDING = {
  "looks through all messages for each of them": "chat-template-patches/gemma4__upstream__12B-it.jinja",
  "walks over the characters of a text, which it takes for a list of parts": "trl/idefics3_training.jinja",
};

if (haveFixtures("the steps of real templates")) {
  for (const [what, file] of Object.entries(DEMANDING)) {
    test(`a long conversation stays far from the bound in a template that ${what}`, () => {
      const template = parseChatTemplate(readFileSync(path.join(FIXTURES, "templates", file), "utf8"), { name: file });
      for (const messages of [turns(2000, 1000), turns(2, 1_000_000)]) {
        const input = { messages, addGenerationPrompt: false, variables: { bos_token: "<s>", eos_token: "</s>" } };
        const { text } = template.renderInput(input, { maxSteps: stepsFor(fromJson(messages)) * SHARE });
        assert.ok(text.length > 0);
      }
    });
  }
}

test("what a render may take grows with its conversation, up to a bound", () => {
  const [small, large] = [turns(2, 10), turns(100, 200_000)];
  assert.ok(stepsFor(fromJson(small)) < MAX_CONVERSATION_STEPS / 10);
  assert.equal(stepsFor(fromJson(large)), MAX_CONVERSATION_STEPS);
});
