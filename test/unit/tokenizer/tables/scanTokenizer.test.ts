import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject } from "../../../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../../../extension/core/tokenizer/compile";
import { parsedDocument, readDocument } from "../../../../extension/core/tokenizer/document";
import { WantedTokens } from "../../../../extension/core/tokenizer/tables/modelLists";
import { scanTokenizer } from "../../../../extension/core/tokenizer/tables/scanTokenizer";
import { scannedLists } from "../../../../extension/core/tokenizer/tables/scannedLists";
import { Random } from "../../../support/random";
import { smallByteLevel } from "../../../support/tokenizer/byteLevel";
import { smallSentencePiece } from "../../../support/tokenizer/sentencePiece";

const allocate = (byteLength: number): ArrayBuffer => new ArrayBuffer(byteLength);
const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
const escaped = (text: string): string => text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

interface Model {
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly string[];
}

function inPairs(tokenizer: JsonObject): JsonObject {
  const model = tokenizer["model"] as unknown as Model & JsonObject;
  return { ...tokenizer, model: { ...model, merges: model.merges.map((merge) => merge.split(" ")) } };
}

/** The file's fields and those of its model, the last one first. */
function turnedRound(tokenizer: JsonObject): JsonObject {
  const turned = (object: JsonObject): JsonObject => Object.fromEntries(Object.entries(object).reverse());
  return turned({ ...tokenizer, model: turned(tokenizer["model"] as JsonObject) });
}

const SMALL: Readonly<Record<string, JsonObject>> = { "byte-level": smallByteLevel(), "SentencePiece": smallSentencePiece() };

const WRITTEN: Readonly<Record<string, (tokenizer: JsonObject) => string>> = {
  "in one line": (tokenizer) => JSON.stringify(tokenizer),
  "in lines": (tokenizer) => JSON.stringify(tokenizer, undefined, 2),
  "with line breaks of Windows, and around it": (tokenizer) => `\r\n ${JSON.stringify(tokenizer, undefined, "\t").replaceAll("\n", "\r\n")} \r\n`,
  "with merges in pairs": (tokenizer) => JSON.stringify(inPairs(tokenizer), undefined, 1),
  "in ASCII": (tokenizer) => escaped(JSON.stringify(inPairs(tokenizer))),
  "in another order": (tokenizer) => JSON.stringify(turnedRound(tokenizer)),
};

for (const [kind, tokenizer] of Object.entries(SMALL)) {
  describe(`the vocabulary and merges of a ${kind} tokenizer.json are found in its bytes`, () => {
    const expected = compileTokenizer(tokenizer, allocate);

    for (const [how, write] of Object.entries(WRITTEN)) {
      it(how, () => {
        const { json, lists } = readDocument(encoded(write(tokenizer)), () => assert.fail("it was parsed"));
        const model = json["model"] as JsonObject;
        assert.deepEqual([model["vocab"], model["merges"]], [{}, []]);
        assert.deepEqual({ ...json, model: { ...model, vocab: 0, merges: 0 } }, { ...tokenizer, model: { ...(tokenizer["model"] as JsonObject), vocab: 0, merges: 0 } });
        assert.deepEqual(compileTokenizer(json, allocate, lists), expected);
      });
    }

    it("and those that some text can need", () => {
      const wanted = new WantedTokens(["Ġthe▁thing", " é\n"], ["the", "<0x0A>"]);
      const parsed = parsedDocument(inPairs(tokenizer)).lists.reduced(wanted);
      assert.ok(parsed.merges.length > 2 && Object.keys(parsed.vocab).length < 100, JSON.stringify(parsed));
      for (const write of [WRITTEN["in lines"]!, WRITTEN["in ASCII"]!]) {
        const scanned = scanTokenizer(encoded(write(tokenizer)));
        assert.deepEqual(scannedLists(scanned!.lists).reduced(wanted), parsed);
      }
    });
  });
}

describe("the parser gets what is not as usual", () => {
  const model = `"vocab": {"a": 0, "b": 1, "ab": 2}, "merges": ["a b"]`;

  it("(as usual)", () => assert.ok(scanTokenizer(encoded(`{"model": {${model}}}`)) !== undefined));

  for (const [what, text] of Object.entries({
    "nothing": "",
    "no object": "[]",
    "no model": "{}",
    "a model without merges": `{"model": {"vocab": {"a": 0}}}`,
    "a list for a vocabulary": `{"model": {"vocab": [["a", 0]], "merges": []}}`,
    "two models": `{"model": {${model}}, "model": {${model}}}`,
    "two vocabularies": `{"model": {${model}, "vocab": {}}}`,
    "a name with an escape": `{"m\\u006fdel": {${model}}}`,
    "something behind": `{"model": {${model}}} x`,
    "a comma too many": `{"model": {${model},}}`,
    "an id that is no integer": `{"model": {"vocab": {"a": 0.5}, "merges": []}}`,
    "an id below 0": `{"model": {"vocab": {"a": -1}, "merges": []}}`,
    "an id that begins with 0": `{"model": {"vocab": {"a": 01}, "merges": []}}`,
    "an id of many digits": `{"model": {"vocab": {"a": 10000000000}, "merges": []}}`,
    "half a pair": `{"model": {"vocab": {"\\ud83d": 0}, "merges": []}}`,
    "an unknown escape": `{"model": {"vocab": {"\\x": 0}, "merges": []}}`,
    "a line break in a token": `{"model": {"vocab": {"\n": 0}, "merges": []}}`,
    "a merge of one": `{"model": {"vocab": {"a": 0}, "merges": ["a"]}}`,
    "a merge of three": `{"model": {"vocab": {"a": 0}, "merges": [["a", "a", "a"]]}}`,
    "a merge of numbers": `{"model": {"vocab": {"a": 0}, "merges": [[0, 0]]}}`,
  })) {
    it(what, () => assert.equal(scanTokenizer(encoded(text)), undefined));
  }

  it("text that is no UTF-8", () => {
    for (const bytes of [[0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x98]]) {
      const file = [...encoded(`{"model": {"vocab": {"`), ...bytes, ...encoded(`": 0}, "merges": []}}`)];
      assert.equal(scanTokenizer(Uint8Array.from(file)), undefined, bytes.join(" "));
    }
  });
});

it("what is found in a damaged file is what the parser finds there", () => {
  const random = new Random(31);
  const vocab = { "a": 0, "b": 1, "ab": 2, "Ġ": 3, "\n": 4, "😀": 5, "\"": 6, "aba": 7 };
  const whole = encoded(JSON.stringify({ added_tokens: [{ id: 8, content: "<s>" }], model: { type: "BPE", vocab, merges: ["a b", ["ab", "a"], "\" \n"] }, decoder: null }));
  let found = 0;
  for (let i = 0; i < 20_000; i++) {
    const bytes = Uint8Array.from(whole);
    for (let change = random.int(3); change >= 0; change--) {
      const at = random.int(bytes.length);
      bytes[at] = random.int(2) === 0 ? (whole[random.int(whole.length)] as number) : random.int(256);
    }
    const scanned = scanTokenizer(bytes);
    if (scanned === undefined) continue;
    found++;
    const text = new TextDecoder().decode(bytes);
    const json = JSON.parse(text) as JsonObject;
    const every = { has: () => true, mayHave: () => true, mayHaveBytes: () => true } as unknown as WantedTokens;
    const lists = scannedLists(scanned.lists);
    const parsed = parsedDocument(json).lists;
    const reduced = lists.reduced(every);
    assert.deepEqual(reduced.vocab, (json["model"] as JsonObject)["vocab"], text);
    assert.equal("unsupported" in lists.tokens, "unsupported" in parsed.tokens, text);
    if (!("unsupported" in parsed.tokens)) assert.equal(reduced.merges.length, parsed.reduced(every).merges.length, text);
  }
  assert.ok(found > 500, `${found} were read`);
});
