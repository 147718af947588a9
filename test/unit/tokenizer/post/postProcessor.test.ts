import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { postProcessorProblem } from "../../../../extension/core/tokenizer/post/postProcessor";
import { Random } from "../../../support/random";
import { FIRST_ADDED, addedToken, fastTokenizer, smallByteLevel } from "../../../support/tokenizer/byteLevel";
import { rustFromJson } from "../../../support/tokenizer/rust";
import { assertSameAsRust } from "../../../support/tokenizer/sameAsRust";

const byteLevel = (trims: boolean, prefix: boolean): JsonObject => ({ type: "ByteLevel", add_prefix_space: prefix, trim_offsets: trims, use_regex: true });
const special = (id: string): JsonObject => ({ SpecialToken: { id, type_id: 0 } });
const text: JsonObject = { Sequence: { id: "A", type_id: 0 } };

function template(...single: JsonObject[]): JsonObject {
  const tokens = { "<s>": FIRST_ADDED, "</s>": FIRST_ADDED + 1 };
  const entries = Object.entries(tokens).map(([token, id]) => [token, { id: token, ids: token === "</s>" ? [id, id] : [id], tokens: token === "</s>" ? [token, token] : [token] }]);
  return { type: "TemplateProcessing", single, pair: [...single, { Sequence: { id: "B", type_id: 1 } }], special_tokens: Object.fromEntries(entries) as JsonObject };
}

const sequence = (...processors: JsonObject[]): JsonObject => ({ type: "Sequence", processors });
const roberta = (trims: boolean, prefix: boolean): JsonObject => ({ type: "RobertaProcessing", sep: ["</s>", FIRST_ADDED + 1], cls: ["<s>", FIRST_ADDED], trim_offsets: trims, add_prefix_space: prefix });

const PROCESSORS: readonly (JsonObject | null)[] = [
  null,
  byteLevel(true, false),
  byteLevel(true, true),
  byteLevel(false, true),
  template(special("<s>"), text),
  template(special("<s>"), special("<s>"), text, special("</s>")),
  template(text, special("</s>")),
  template(text),
  sequence(byteLevel(true, false), template(special("<s>"), text, special("</s>"))),
  sequence(template(special("<s>"), text, special("</s>")), byteLevel(true, true)),
  sequence(),
  roberta(true, true),
  roberta(true, false),
  roberta(false, true),
  { type: "BertProcessing", sep: ["</s>", FIRST_ADDED + 1], cls: ["<s>", FIRST_ADDED] },
];

const SNIPPETS = [" ", "  ", "   ", "a", " b", "the", "\n", "\n\n", "é", " 😀", "\u3000", "\u00a0", "<s>", " <mask> ", "<mask>", "</s>", " the", "😀"];

describe("post-processors do what the Rust library does", () => {
  for (const processor of PROCESSORS) {
    for (const prefix of [false, true]) {
      it(`${JSON.stringify(processor)}${prefix ? " and a space before the text" : ""}`, async () => {
        const tokenizer = smallByteLevel({
          post_processor: processor,
          pre_tokenizer: byteLevel(true, prefix),
          normalizer: { type: "NFC" },
          added_tokens: [addedToken(FIRST_ADDED, "<s>", { special: true }), addedToken(FIRST_ADDED + 1, "</s>", { special: true }), addedToken(FIRST_ADDED + 2, "<mask>", { lstrip: true, rstrip: true })],
        });
        const ours = fastTokenizer(tokenizer);
        const rust = rustFromJson(tokenizer);
        const random = new Random(9);
        for (let i = 0; i < 250; i++) {
          const sample = Array.from({ length: random.int(9) }, () => random.pick(SNIPPETS)).join("");
          await assertSameAsRust(ours, rust, sample, random.int(4) > 0);
        }
      });
    }
  }
});

it("says what it does not know", () => {
  const problem = (processor: JsonObject): string | undefined => postProcessorProblem(processor)?.unsupported;
  assert.match(problem({ type: "Other" }) ?? "", /post-processor is "Other"/);
  assert.match(problem(sequence({ type: "Other" })) ?? "", /post-processor is "Other"/);
  assert.match(problem(template(special("<s>"))) ?? "", /template/);
  assert.match(problem(template(special("<none>"), text)) ?? "", /template/);
  assert.match(problem(template(text, text)) ?? "", /template/);
  assert.match(problem({ type: "BertProcessing", sep: "x", cls: ["<s>", 1] }) ?? "", /without ids/);
  assert.equal(problem(byteLevel(true, true)), undefined);
});
