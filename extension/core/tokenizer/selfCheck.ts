import { Tokenizer as HfTokenizer } from "@huggingface/tokenizers";
import type { JsonObject } from "../dataset/conversation";
import { readAddedTokens } from "./added/addedTokens";
import { byteLevelText, byteTokenText, unitOfByte } from "./decode/byteAlphabet";
import type { TokenizerDocument } from "./document";
import { createPipeline } from "./fallback/pipeline";
import { WantedTokens } from "./tables/modelLists";
import type { Tokenizer } from "./tokenizer";

/** What splitting, merging and normalizing get wrong first; only characters on which all versions of Unicode agree. */
const TEXTS = [
  "Don't say it's  I'LL we'Ve 'tis O'Clock's",
  "camelCase HTTPServer snake_case x=f(y)[3]; // done\n\tif (a<=b && !c) {\r\n}\r\n\r\n",
  "1 22 333 4444 55555 1,234.56 2024-02-29 3rd ½ ²",
  "   three   spaces  then a tab\t\tand \n  lines  \n\n\n  end   ",
  "Zażółć gęślą jaźń; Straße, naïve façade — “quoted” … e\u0301 A\u030a",
  "Привет, мир! Ελληνικά. שלום עולם مرحبا ١٢٣ हिन्दी ไทย",
  "中文字符,日本語のテキスト、カタカナ。한국어 텍스트 ㅎㅏㄴ",
  "emoji 😀👍🏽👨\u200d👩\u200d👧 flags 🇩🇪 math ∑∫≤ $x^2$ \u00a0\u3000",
  "supercalifragilisticexpialidocious aaaaaaaaaaaaaaaa ======== ........ ??!!",
  "https://example.org/a/b?c=d&e=%20#f <b>bold</b> \"json\": [1, null]",
];

/**
 * Compares the ids of a few hard texts with those of `@huggingface/tokenizers`, and, where that differs, of the slow pipeline: the library has
 * other ideas than the reference of some rarer parts, such as digits and spaces before a text. Both get the part of the vocabulary
 * and of the merges that these texts can need, since it takes long to load all of it.
 * @param document of a BPE model. @param config the parsed tokenizer_config.json, or an empty object.
 * @returns the text for which it differs from both, in words for the user; undefined where there is none.
 */
export function selfCheckProblem(fast: Tokenizer, document: TokenizerDocument, config: JsonObject): string | undefined {
  const withAdded = addedTokensText(document.json);
  const reduced = reducedTokenizer(document, [...TEXTS, withAdded, SPACED]);
  const library = libraryJudge(reduced, config);
  const pipeline = pipelineJudge(reduced);
  const agrees = (text: string, judge: Judge | undefined): boolean => judge !== undefined && same(fast.encodeIds(text, { specialTokens: false }), judge(text));
  if (library === undefined && pipeline === undefined) return undefined;
  const doubtful = TEXTS.filter((text) => !agrees(text, library));
  const wrong = doubtful.find((text) => !agrees(text, pipeline));
  if (wrong !== undefined) return differs(wrong);
  // The pipeline knows no added tokens.
  return doubtful.length > 0 || agrees(withAdded, library) ? undefined : differs(withAdded);
}

function differs(text: string): string {
  return `it gives other tokens than the library for ${JSON.stringify(text)}`;
}

type Judge = (text: string) => readonly number[];

function libraryJudge(tokenizer: JsonObject, config: JsonObject): Judge | undefined {
  try {
    const library = new HfTokenizer(tokenizer, config);
    return (text) => library.encode(text, { add_special_tokens: false }).ids;
  } catch {
    return undefined;
  }
}

function pipelineJudge(tokenizer: JsonObject): Judge | undefined {
  const pipeline = createPipeline(tokenizer);
  if ("unsupported" in pipeline) return undefined;
  return (text) => {
    const ids: number[] = [];
    pipeline.encode(text, true, (id) => ids.push(id));
    return ids;
  };
}

function same(ids: Uint32Array, expected: readonly number[]): boolean {
  return ids.length === expected.length && expected.every((id, i) => ids[i] === id);
}

/** What stands between the added tokens of {@link addedTokensText}, where a space is put before each. */
const SPACED = "system\n\nYou are a b";

/** Some of its own added tokens, at the ends and inside of words. */
function addedTokensText(tokenizer: JsonObject): string {
  const plain = readAddedTokens(tokenizer).filter(({ singleWord, lstrip, rstrip, normalized }) => !singleWord && !lstrip && !rstrip && !normalized);
  const some = [plain[0], plain[plain.length >> 1], plain.at(-1)].flatMap((token) => (token === undefined ? [] : [token.content]));
  return `${some.join("")}system\n\nYou are ${some.join(" ")} a${some.join("b")} `;
}

function reducedTokenizer({ json, lists }: TokenizerDocument, texts: readonly string[]): JsonObject {
  const model = (json["model"] ?? {}) as JsonObject;
  const bytes = Array.from({ length: 256 }, (_, byte) => [String.fromCharCode(unitOfByte(byte)), byteTokenText(byte)]).flat();
  const unknown = typeof model["unk_token"] === "string" ? [model["unk_token"]] : [];
  const others = [...bytes, ...unknown, ...readAddedTokens(json).map(({ content }) => content)];
  return { ...json, model: { ...model, ...lists.reduced(new WantedTokens(texts.flatMap(writings), others)) } };
}

/** The ways in which a vocabulary may write a text, with a space before it. */
function writings(text: string): readonly string[] {
  const utf8 = new TextEncoder();
  const forms = new Set([text, text.normalize("NFC"), text.normalize("NFKC")]);
  return Array.from(forms).flatMap((form) => [byteLevelText(utf8.encode(` ${form}`)), `▁${form.replaceAll(" ", "▁")}`]);
}
