import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../../extension/core/tokenizer/compile";
import { COMPILED_VERSION, type CompiledTokenizer } from "../../../extension/core/tokenizer/compiled";
import { createTokenizer } from "../../../extension/core/tokenizer/create";
import { FIRST_ADDED, addedToken, smallByteLevel } from "../../support/tokenizer/byteLevel";

const allocate = (byteLength: number): SharedArrayBuffer => new SharedArrayBuffer(byteLength);
const split = (regex: string): JsonObject => ({ type: "Sequence", pretokenizers: [{ type: "Split", pattern: { Regex: regex }, behavior: "Isolated" }, { type: "ByteLevel", add_prefix_space: false, use_regex: false }] });

function vocabulary(change: (vocab: Record<string, unknown>) => void): JsonObject {
  const vocab = { ...((smallByteLevel()["model"] as JsonObject)["vocab"] as JsonObject) } as Record<string, unknown>;
  change(vocab);
  return smallByteLevel({ model: { vocab: vocab as JsonObject } });
}

describe("what the fast path does not know is told in words", () => {
  for (const [tokenizer, reason] of [
    [smallByteLevel({ model: { type: "WordLevel" } }), /not BPE/],
    [smallByteLevel({ model: { dropout: 0.1 } }), /at random/],
    [smallByteLevel({ model: { continuing_subword_prefix: "##" } }), /prefix/],
    [smallByteLevel({ model: { end_of_word_suffix: "</w>" } }), /suffix/],
    [smallByteLevel({ model: { vocab: null } }), /no vocabulary/],
    [smallByteLevel({ model: { merges: ["Ġ t", "Ġ nothing"] } }), /merge 2 is of tokens/],
    [vocabulary((vocab) => delete vocab["é"]), /merge \d+ is of tokens|no token for some bytes/],
    [vocabulary((vocab) => (vocab["x"] = vocab["y"])), /two tokens with id/],
    [vocabulary((vocab) => (vocab["x"] = 2 ** 20)), /ids beyond/],
    [vocabulary((vocab) => (vocab["x"] = -1)), /ids beyond/],
    [smallByteLevel({ pre_tokenizer: null }), /keeps spaces as they are/],
    [smallByteLevel({ pre_tokenizer: { type: "WhitespaceSplit" } }), /keeps spaces as they are|pre-tokenizer|WhitespaceSplit/],
    [smallByteLevel({ pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, { type: "ByteLevel", add_prefix_space: false }] } }), /"WhitespaceSplit" beside/],
    [smallByteLevel({ pre_tokenizer: { type: "Sequence", pretokenizers: [{ type: "Digits" }, { type: "ByteLevel", add_prefix_space: true }] } }), /space before each word/],
    [smallByteLevel({ pre_tokenizer: split("\\bx") }), /unknown escape \\b at character 3: \\bx/],
    [smallByteLevel({ pre_tokenizer: split("x*") }), /may find nothing/],
    [smallByteLevel({ normalizer: { type: "Other" } }), /normalizer is Other/],
    [smallByteLevel({ post_processor: { type: "Other" } }), /post-processor/],
    [smallByteLevel({ decoder: { type: "Other" } }), /decoder/],
    [smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED + 5, "<x>")] }), /<x> has id 4005, where the library counts 4000/],
    [smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED, "the")] }), /the has id 4000/],
    [smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED, "x".repeat(1000))] }), /more than 512 characters/],
    [smallByteLevel({ normalizer: { type: "Strip" }, added_tokens: [addedToken(FIRST_ADDED, "   ", { normalized: true })] }), /leaves nothing/],
  ] as const) {
    it(String(reason), () => {
      const compiled = compileTokenizer(tokenizer, allocate);
      assert.ok("unsupported" in compiled);
      assert.match(compiled.unsupported, reason);
    });
  }
});

describe("a compiled tokenizer is plain data", () => {
  const compiled = compileTokenizer(smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED, "<x>")] }), allocate) as CompiledTokenizer;
  const text = "One <x> two 中文, 3 don't!";
  const ids = createTokenizer(compiled).encodeIds(text, { specialTokens: true });

  it("its meta can be written as JSON, and its tables are in the memory that it was given", () => {
    assert.deepEqual(JSON.parse(JSON.stringify(compiled.meta)), compiled.meta);
    for (const [name, table] of Object.entries(compiled.tables)) assert.ok(table.buffer instanceof SharedArrayBuffer, name);
    const read = { ...compiled, meta: JSON.parse(JSON.stringify(compiled.meta)) as CompiledTokenizer["meta"] };
    assert.deepEqual(createTokenizer(read).encodeIds(text, { specialTokens: true }), ids);
  });

  it("tokenizers over the same tables do not disturb each other", () => {
    const [one, other] = [createTokenizer(compiled), createTokenizer(compiled)];
    other.encode("other words", { specialTokens: false });
    assert.deepEqual(one.encodeIds(text, { specialTokens: true }), ids);
    assert.deepEqual(other.encodeIds(text, { specialTokens: true }), ids);
  });

  it("another version, or missing tables, are an error", () => {
    const refused = (tokenizer: CompiledTokenizer): void => assert.throws(() => createTokenizer(tokenizer), { code: "compiled-tokenizer" });
    refused({ ...compiled, version: COMPILED_VERSION + 1 });
    refused({ ...compiled, tables: {} });
    refused({ ...compiled, tables: { ...compiled.tables, byteIds: new Uint8Array(3) } });
    refused({ ...compiled, meta: { ...compiled.meta, normalizer: { type: "Other" } } });
  });
});
