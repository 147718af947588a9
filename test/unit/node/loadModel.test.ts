import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../extension/core/dataset/conversation";
import type { TokenizerSource } from "../../../extension/core/model/tokenizerSource";
import { parsedDocument } from "../../../extension/core/tokenizer/document";
import { byteLevelBytes } from "../../../extension/core/tokenizer/decode/byteAlphabet";
import type { Tokenizer } from "../../../extension/core/tokenizer/tokenizer";
import { openCachedTokenizer } from "../../../extension/node/cache/tokenizerCache";
import { loadModel, openModelTokenizer, openSharedModel } from "../../../extension/node/loadModel";
import { folderAt } from "../../../extension/node/files";
import { readModel } from "../../../extension/node/readModel";
import { temporaryFolder } from "../../support/cleanup";
import { FIXTURES, haveFixtures } from "../../support/fixtures";
import { FIRST_ADDED, addedToken, realTokenizerFolder, smallByteLevel } from "../../support/tokenizer/byteLevel";
import { writeGguf } from "../../support/weights/gguf";

const TEXT = "Hello <s> world, don't 123 é 😀 \n\n";
const TOKENIZER = smallByteLevel({ added_tokens: [addedToken(FIRST_ADDED, "<s>", { special: true })] });
const VOCABULARY = (TOKENIZER["model"] as { readonly vocab: Readonly<Record<string, number>> }).vocab;
const TOKENS = Object.keys(VOCABULARY).sort((a, b) => VOCABULARY[a]! - VOCABULARY[b]!);
const MERGES = (TOKENIZER["model"] as { readonly merges: readonly string[] }).merges;

const idsOf = (tokenizer: Tokenizer): number[] => Array.from(tokenizer.encodeIds(TEXT, { specialTokens: true }));

function source(json: JsonObject): TokenizerSource {
  return { file: "tokenizer.json", bytes: () => [new TextEncoder().encode(JSON.stringify(json))], read: () => parsedDocument(json) };
}

function unread(json: JsonObject): TokenizerSource {
  return { ...source(json), read: () => assert.fail("the tokenizer was made anew") };
}

function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const folder = temporaryFolder("model");
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
  return folder;
}

describe("the cache of tokenizers", () => {
  it("gives the same tokenizer the second time without reading tokenizer.json again", async () => {
    const folder = path.join(temporaryFolder("cache"), "new");
    const first = await openCachedTokenizer(source(TOKENIZER), {}, folder);
    assert.equal(first.tokenizer.engine.kind, "fast");
    const second = await openCachedTokenizer(unread(TOKENIZER), {}, folder);
    assert.deepEqual(idsOf(second.tokenizer), idsOf(first.tokenizer));
    for (const table of Object.values(second.compiled?.tables ?? {})) assert.ok(table.buffer instanceof SharedArrayBuffer);
  });

  it("tells tokenizers apart by their content", async () => {
    const folder = temporaryFolder("cache");
    await openCachedTokenizer(source(TOKENIZER), {}, folder);
    const other = await openCachedTokenizer(source({ ...TOKENIZER, added_tokens: [] }), {}, folder);
    assert.equal(other.tokenizer.addedTokens.length, 0);
    assert.equal(readdirSync(folder).length, 2);
  });

  it("need not read a file that is as it was", async () => {
    const folder = temporaryFolder("cache");
    const named: TokenizerSource = { ...source(TOKENIZER), identity: "a file at some time" };
    const first = await openCachedTokenizer(named, {}, folder);
    const unseen: TokenizerSource = { ...named, bytes: () => assert.fail("it was read"), read: () => assert.fail("it was made anew") };
    const second = await openCachedTokenizer(unseen, {}, folder);
    assert.deepEqual([second.hash, idsOf(second.tokenizer)], [first.hash, idsOf(first.tokenizer)]);
    // Where its tables are gone or the note of its hash is damaged, it is read.
    const [tables, note] = ["tables", "hash"].map((ending) => path.join(folder, readdirSync(folder).find((name) => name.endsWith(ending))!));
    writeFileSync(note!, "damaged");
    assert.deepEqual(idsOf((await openCachedTokenizer({ ...unread(TOKENIZER), identity: "a file at some time" }, {}, folder)).tokenizer), idsOf(first.tokenizer));
    writeFileSync(tables!, "damaged");
    assert.deepEqual(idsOf((await openCachedTokenizer(named, {}, folder)).tokenizer), idsOf(first.tokenizer));
  });

  it("names the content of files that are as they were for a while", async () => {
    const folder = temporaryFolder("identity");
    writeFileSync(path.join(folder, "new.json"), "{}");
    for (const name of ["new.json", "missing.json"]) assert.equal(await folderAt(folder).identity?.(name), undefined, name);
    const installed = folderAt(realTokenizerFolder("llama2"));
    const [one, other] = [await installed.identity?.("tokenizer.json"), await installed.identity?.("tokenizer_config.json")];
    assert.ok(one !== undefined && other !== undefined && one !== other);
    assert.equal(await installed.identity?.("tokenizer.json"), one);
  });

  it("makes it anew where the file is damaged, cut short or something else", async () => {
    const folder = temporaryFolder("cache");
    const first = await openCachedTokenizer(source(TOKENIZER), {}, folder);
    const file = path.join(folder, readdirSync(folder)[0]!);
    const whole = readFileSync(file);
    const flipped = Buffer.from(whole);
    flipped[whole.length - 100]! ^= 1;
    for (const content of [flipped, whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.from("{}")]) {
      writeFileSync(file, content);
      const again = await openCachedTokenizer(source(TOKENIZER), {}, folder);
      assert.deepEqual(idsOf(again.tokenizer), idsOf(first.tokenizer));
      assert.ok(readFileSync(file).equals(whole), "the file was not mended");
    }
  });

  it("may be written by several at once", async () => {
    const folder = temporaryFolder("cache");
    const all = await Promise.all(Array.from({ length: 6 }, () => openCachedTokenizer(source(TOKENIZER), {}, folder)));
    assert.equal(new Set(all.map(({ tokenizer }) => idsOf(tokenizer).join(" "))).size, 1);
    assert.equal(readdirSync(folder).length, 1);
    await openCachedTokenizer(unread(TOKENIZER), {}, folder);
  });

  it("is done without where nothing can be written", async () => {
    const file = path.join(temporaryFolder("cache"), "a file");
    writeFileSync(file, "");
    assert.equal((await openCachedTokenizer(source(TOKENIZER), {}, path.join(file, "folder"))).tokenizer.engine.kind, "fast");
  });
});

describe("loading a model", () => {
  const json = { "tokenizer.json": JSON.stringify(TOKENIZER), "chat_template.jinja": "{{ messages[0].content }}" };

  it("of a folder, and once more for another thread over the same tables", async () => {
    const opened = await loadModel({ source: folderWith(json) });
    assert.deepEqual(opened.loaded.notes, []);
    assert.deepEqual(opened.loaded.model.engine, { kind: "fast" });
    const shared = openSharedModel(structuredClone(opened.shared!));
    assert.deepEqual(idsOf(shared.model.tokenizer), idsOf(opened.model.tokenizer));
    assert.equal(shared.model.templateName, "default");
  });

  it("tells which engine works, and why not the fast one", async () => {
    const { loaded, shared } = await loadModel({ source: folderWith({ ...json, "tokenizer.json": JSON.stringify({ ...TOKENIZER, model: { ...(TOKENIZER["model"] as JsonObject), dropout: 0.1 } }) }) });
    assert.deepEqual(loaded.model.engine, { kind: "library", reason: "its merges are left out at random" });
    assert.match(loaded.notes.join(), /@huggingface\/tokenizers.*because its merges are left out at random/);
    assert.equal(shared, undefined);
  });

  it("says what is missing", async () => {
    await assert.rejects(loadModel({ source: folderWith({ "config.json": "{}" }) }), { code: "no-tokenizer", message: /tokenizer\.json/ });
    await assert.rejects(loadModel({ source: folderWith({}) }), { code: "not-a-model" });
    await assert.rejects(loadModel({ source: folderWith({ "tokenizer.json": "{\n\"a\": }" }) }), { code: "model-broken", message: /line 2, column 6/ });
  });

  const gguf = writeGguf([], {
    metadata: {
      "general.architecture": { type: "string", value: "llama" },
      "tokenizer.ggml.model": { type: "string", value: "gpt2" },
      "tokenizer.ggml.pre": { type: "string", value: "gpt-2" },
      "tokenizer.ggml.tokens": { type: "array", of: "string", value: [...TOKENS, "<s>"] },
      "tokenizer.ggml.token_type": { type: "array", of: "i32", value: [...TOKENS.map(() => 1), 3] },
      "tokenizer.ggml.merges": { type: "array", of: "string", value: MERGES },
      "tokenizer.ggml.bos_token_id": { type: "u32", value: FIRST_ADDED },
      "tokenizer.chat_template": { type: "string", value: "{{ bos_token }}" },
      "tokenizer.chat_templates": { type: "array", of: "string", value: ["tool_use"] },
      "tokenizer.chat_template.tool_use": { type: "string", value: "tools" },
    },
  });

  it("of a GGUF file: vocabulary, special tokens and templates from its metadata", async () => {
    const folder = folderWith({ "small.Q4_0.gguf": gguf, "mmproj-small.gguf": "" });
    for (const spec of [path.join(folder, "small.Q4_0.gguf"), folder]) {
      const files = await readModel(spec);
      assert.deepEqual([...files.templates], [["default", "{{ bos_token }}"], ["tool_use", "tools"]]);
      assert.equal(files.tokenizerConfig["bos_token"], "<s>");
      const { tokenizer } = await openModelTokenizer(files);
      assert.deepEqual(idsOf(tokenizer), idsOf((await openCachedTokenizer(source(TOKENIZER), {})).tokenizer));
    }
    writeFileSync(path.join(folder, "small.Q8_0.gguf"), gguf);
    await assert.rejects(readModel(folder), { code: "not-a-model", message: /2 GGUF files.*small\.Q4_0\.gguf/ });
  });

  it("of a folder with a tiktoken file, with the tokens that its configuration adds", async () => {
    const lines = Object.entries(VOCABULARY).map(([token, id]) => `${Buffer.from(byteLevelBytes(token)!).toString("base64")} ${id}`);
    const config = { added_tokens_decoder: { [FIRST_ADDED]: { content: "<s>", special: true } } };
    const folder = folderWith({ "tokenizer.model": `${lines.join("\n")}\n`, "tokenizer_config.json": JSON.stringify(config) });
    const { tokenizer } = await openModelTokenizer(await readModel(folder));
    assert.equal(tokenizer.engine.kind, "fast");
    assert.equal(tokenizer.decode(tokenizer.encodeIds(TEXT, { specialTokens: true })), TEXT);
    assert.ok(idsOf(tokenizer).includes(FIRST_ADDED));
  });

  describe("of a folder with vocab.json and merges.txt", () => {
    const files = { "vocab.json": JSON.stringify(VOCABULARY), "merges.txt": `#version: 0.2\n${MERGES.join("\n")}\n` };
    const withConfig = (config: JsonObject): string => folderWith({ ...files, "tokenizer_config.json": JSON.stringify(config) });

    it("as GPT-2's", async () => {
      const config = { tokenizer_class: "GPT2TokenizerFast", added_tokens_decoder: { [FIRST_ADDED]: { content: "<s>", special: true } } };
      const { tokenizer } = await openModelTokenizer(await readModel(withConfig(config)));
      assert.deepEqual([tokenizer.engine.kind, idsOf(tokenizer)], ["fast", idsOf((await openCachedTokenizer(source(TOKENIZER), {})).tokenizer)]);
    });

    const small = path.join(FIXTURES, "tokenizers/torchtune");

    it("as Qwen's, as the tokenizer.json that was made of the same", { skip: !haveFixtures("a small tokenizer in two forms") }, async () => {
      const [vocab, merges, json] = ["tiny_bpe_vocab.json", "tiny_bpe_merges.txt", "tiny_bpe_tokenizer.json"].map((file) => readFileSync(path.join(small, file)));
      const added = Object.fromEntries(["<|endoftext|>", "<|im_start|>", "<|im_end|>"].map((content, i) => [2000 + i, { content, special: true }]));
      const config = { tokenizer_class: "Qwen2Tokenizer", added_tokens_decoder: added };
      const [{ tokenizer: ours }, { tokenizer: whole }] = [
        await openModelTokenizer(await readModel(folderWith({ "vocab.json": vocab!, "merges.txt": merges!, "tokenizer_config.json": JSON.stringify(config) }))),
        await openModelTokenizer(await readModel(folderWith({ "tokenizer.json": json! }))),
      ];
      assert.deepEqual(ours.engine, whole.engine);
      for (const text of [TEXT, "<|im_start|>user\n12345 e\u0301<|im_end|>", "  I'LL go\r\n\r\n"]) {
        const [one, other] = [ours, whole].map((tokenizer) => tokenizer.encode(text, { specialTokens: true }));
        assert.deepEqual([one!.ids, one!.offsets], [other!.ids, other!.offsets], text);
      }
    });

    it("of a class that is not known, or damaged", async () => {
      const load = async (folder: string): Promise<unknown> => openModelTokenizer(await readModel(folder));
      await assert.rejects(load(withConfig({ tokenizer_class: "OddTokenizer" })), { code: "vocabulary-unsupported", message: /^merges\.txt: .*OddTokenizer.*save_pretrained/ });
      await assert.rejects(load(withConfig({})), { code: "vocabulary-unsupported", message: /tokenizer_class/ });
      await assert.rejects(load(folderWith({ ...files, "merges.txt": "a b\nx\n", "tokenizer_config.json": '{"tokenizer_class": "GPT2Tokenizer"}' })), { code: "vocabulary-damaged", message: /^merges\.txt: Line 2 / });
      await assert.rejects(load(folderWith({ "qwen.tiktoken": "IQ== 0\n" })), { code: "vocabulary-unsupported", message: /tokenizer\.json/ });
    });
  });

  it("of a folder whose vocabulary file is broken", async () => {
    const folder = folderWith({ "tokenizer.model": "\n\u0001" });
    mkdirSync(path.join(folder, "original"));
    await assert.rejects(async () => openModelTokenizer(await readModel(folder)), { code: "vocabulary-damaged", message: /^tokenizer\.model: / });
  });
});
