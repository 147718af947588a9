import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogError, readTrainingErrors } from "../../../extension/core/training/logErrors";
import { axolotlMessage, UNSLOTH_REPAIR, unslothMessage, unslothNotice } from "../../../extension/core/weights/verdict/trainer/messages";
import { UNSLOTH_BEHAVIOURS } from "../../../extension/core/weights/verdict/trainer/history";

const HITS = [
  { id: 128_036, row: 41 },
  { id: 128_042, row: 7 },
];

function only(log: string): LogError {
  const errors = readTrainingErrors(log);
  assert.equal(errors.length, 1, `${errors.map(({ kind }) => kind).join(", ") || "nothing"} in ${log}`);
  return errors[0]!;
}

test("every message that Unsloth ever stopped with, in a traceback or pasted as one line", () => {
  const kinds = { plain: "unsloth-untrained", "base-model": "unsloth-untrained-base", listed: "unsloth-untrained-listed", rows: "unsloth-untrained-rows" } as const;
  const met = new Set<string>();
  for (const behaviour of UNSLOTH_BEHAVIOURS) {
    if (behaviour.message === "none" || behaviour.message === "notice") continue;
    const message = unslothMessage(behaviour, HITS, () => "<|reserved_special_token_28|><|reserved_special_token_34|>");
    for (const log of [message, `Traceback (most recent call last):\n  File "train.py", line 3\nValueError: ${message}\n`, message.replace(/\s+/g, " ")]) {
      const { kind, ids, rows, rule } = only(log);
      assert.deepEqual([kind, rule], [kinds[behaviour.message], "tokens/untrained"]);
      if (behaviour.message === "listed" || behaviour.message === "rows") assert.deepEqual([...ids].sort(), [128_036, 128_042]);
      assert.deepEqual([...rows].sort(), behaviour.message === "rows" ? [41, 7] : []);
      met.add(kind);
    }
  }
  assert.equal(met.size, 4);
});

test("what the messages quote", () => {
  const rows = only(
    "ValueError: Unsloth: Untrained tokens in rows [[41, 7]] found.\nThe token ids are [[128036]] and tokens are [<|reserved_special_token_28|>].\nThe issue is the embed_tokens & lm_head not trainable, which will cause NaNs.",
  );
  assert.deepEqual([rows.rows, rows.ids, rows.quoted], [[41, 7], [128_036], "<|reserved_special_token_28|>"]);
  assert.deepEqual(only("Unsloth: Untrained tokens of [[]] found, but embed_tokens & lm_head not trainable, causing NaNs.").ids, [], "only the template has one");
  assert.deepEqual(only("Untrained tokens of [{128006, 128007}] found, but embed_tokens & lm_head not trainable, causing NaNs. ").ids, [128_006, 128_007]);
});

for (const [name, log, kind, rule] of [
  ["Axolotl's", axolotlMessage(HITS), "axolotl-untrained", "tokens/untrained"],
  ["the repair", UNSLOTH_REPAIR, "unsloth-repaired", "tokens/untrained"],
  ["the notice", unslothNotice(287), "unsloth-notice", "tokens/untrained"],
  ["a vocabulary that is too large", "Unsloth tried to load `M`, but cannot succeed.\nTokens ['<|im_start|>'] with ids [151665] exceeds the max vocab size of 151646.", "unsloth-out-of-range", "tokens/out-of-range"],
  ["PyTorch's index error", "IndexError: index out of range in self", "index-out-of-range", "tokens/out-of-range"],
  ["CUDA's assertion", "../aten/src/ATen/native/cuda/Indexing.cu:1290: indexSelectLargeIndex: block: [1,0,0], thread: [0,0,0] Assertion `srcIndex < srcSelectDimSize` failed.", "index-out-of-range", "tokens/out-of-range"],
  ["all labels masked", "ZeroDivisionError: Unsloth: All labels in your dataset are -100. Training losses will be all 0.", "unsloth-all-masked", "tokens/over-length"],
  ["TRL's empty mask", "You're using `assistant_only_loss=True`, but at least one example has no assistant tokens", "trl-no-assistant-tokens", "conversation/no-assistant"],
  ["TRL's template", "ValueError: The chat template is not training-compatible (missing prefix-preservation or `{% generation %}` markers)", "trl-not-training-compatible", undefined],
  ["TRL's prefix", "Mismatch between tokenized prompt and the start of tokenized prompt+completion. This", "trl-prefix", undefined],
  ["TRL's end token", "The specified `eos_token` ('<|im_end|>') is not found in the vocabulary", "trl-eos", undefined],
  ["TRL's keys", "KeyError: Invalid keys in the example: {'question', 'answer'}", "trl-keys", "format/unknown"],
  ["TRL's last role", "ValueError: Invalid role in the last message: system", "trl-last-role", "role/unknown"],
  ["LLaMA-Factory's roles", "Invalid role tag in [{'role': 'user', 'content': 'a.b'}].", "llama-factory-role", "conversation/alternation"],
  ["LLaMA-Factory's count", "Invalid message count in [{'role': 'user', 'content': 'a'}].", "llama-factory-count", "conversation/ends-before-assistant"],
  ["LLaMA-Factory's drop", "[WARNING] Dropped invalid example: [{'role': 'user', 'content': 'a'}]", "llama-factory-dropped", "conversation/alternation"],
  ["LLaMA-Factory's length", "Dropped lengthy example with length 4100 > 2048.", "llama-factory-long", "tokens/over-length"],
  ["the template's own", "jinja2.exceptions.TemplateError: Conversation roles must alternate user/assistant/user/assistant/...", "alternation", "template/refused"],
  ["a loss that is not a number", "{'loss': nan, 'grad_norm': nan, 'learning_rate': 2e-05, 'epoch': 0.01}", "nan", "tokens/untrained"],
] as const) {
  test(`${name} message`, () => {
    const error = only(log);
    assert.deepEqual([error.kind, error.rule], [kind, rule]);
    assert.ok(error.meaning.length > 20 && error.advice.length > 20);
  });
}

test("several messages come in the order of the log, and other text has none", () => {
  const log = `${UNSLOTH_REPAIR}\n{'loss': 1.2}\n{'loss': nan}\n{'loss': nan}\nIndexError: index out of range in self\n`;
  assert.deepEqual(readTrainingErrors(log).map(({ kind }) => kind), ["unsloth-repaired", "nan", "index-out-of-range"]);
  assert.deepEqual(readTrainingErrors("ImportError: No module named unsloth\nloss: 1.23"), []);
});

test("logs that mean harm end soon", () => {
  for (const log of ["Unsloth: Untrained tokens in rows [".repeat(20_000), "Invalid role tag in [".repeat(20_000), `Untrained tokens of ${"[".repeat(500_000)}`, `Tokens ${"[".repeat(2000)}`.repeat(100), " ".repeat(1_000_000)]) {
    assert.deepEqual(readTrainingErrors(log), []);
  }
});
