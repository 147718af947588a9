import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { byteLevelText } from "../decode/byteAlphabet";
import { type AlignedText, AlignedTextBuilder, spanStart } from "../normalize/alignedText";
import { PUNCTUATION } from "../normalize/characterData";
import { WHITE_SPACE } from "../normalize/characterSteps";
import type { Unsupported } from "../normalize/normalizer";
import { CodePointTable } from "../normalize/ranges";
import { literalPattern, searchPattern } from "../normalize/searchPattern";
import { prepend, replace } from "../normalize/textSteps";
import { type Behavior, behaviorNamed, splitBy } from "./splitting";

/** Splits what the normalizer left into the words that the model sees. @param first whether the text is the very beginning. */
export type PreTokenizer = (text: AlignedText, first: boolean) => readonly AlignedText[];

/** The pre-tokenizer that the field `pre_tokenizer` of a tokenizer.json describes, as the Rust library `tokenizers` has it. */
export function createPreTokenizer(value: JsonValue | undefined): PreTokenizer | Unsupported {
  if (value === undefined || value === null) return (text) => [text];
  const node = value as JsonObject;
  const type = typeof node["type"] === "string" ? node["type"] : "of no type";
  switch (type) {
    case "Sequence":
      return sequence((node["pretokenizers"] ?? []) as readonly JsonValue[]);
    case "BertPreTokenizer":
      return (text) => splitBy(text, SPACE, "removed", false).flatMap((word) => splitBy(word, PUNCTUATION_CHARACTERS, "isolated", false));
    case "Whitespace":
      return (text) => splitBy(text, WORD_OR_SYMBOLS, "removed", true);
    case "WhitespaceSplit":
      return (text) => splitBy(text, SPACE, "removed", false);
    case "CharDelimiterSplit":
      return delimiter(node);
    case "Punctuation":
      return punctuation(node);
    case "Digits":
      return (text) => splitBy(text, NUMBER, node["individual_digits"] === true ? "isolated" : "contiguous", false);
    case "Split":
      return split(node);
    case "Metaspace":
      return metaspace(node);
    case "ByteLevel":
      return byteLevel(node["add_prefix_space"] !== false, node["use_regex"] !== false);
    default:
      return { unsupported: `its pre-tokenizer is ${type}` };
  }
}

const SPACE = new RegExp(`[${WHITE_SPACE}]`, "gu");
const WORD_OR_SYMBOLS = new RegExp(`[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]+|[^\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}${WHITE_SPACE}]+`, "gu");
const NUMBER = /\p{N}/gu;

const punctuationTable = new CodePointTable(PUNCTUATION);

/** The library's table of punctuation is older than any host's. */
const PUNCTUATION_CHARACTERS = {
  *find(text: string): Iterable<readonly [number, number]> {
    for (const { 0: character, index } of text.matchAll(/[!-/:-@[-`{-~\xa1-\u{10ffff}]/gu)) {
      if (punctuationTable.has(character.codePointAt(0) as number)) yield [index, index + character.length];
    }
  },
};

function sequence(parts: readonly JsonValue[]): PreTokenizer | Unsupported {
  const steps: PreTokenizer[] = [];
  for (const part of parts) {
    const step = createPreTokenizer(part);
    if ("unsupported" in step) return step;
    steps.push(step);
  }
  return (text, first) => steps.reduce((words: readonly AlignedText[], step) => words.flatMap((word) => step(word, first && beginsText(word))), [text]);
}

function beginsText(word: AlignedText): boolean {
  return spanStart(word, 0) === 0;
}

function delimiter(node: JsonObject): PreTokenizer | Unsupported {
  const character = node["delimiter"];
  if (typeof character !== "string" || character === "") return { unsupported: "its pre-tokenizer splits at no character" };
  return (text) => splitBy(text, literalPattern(character), "removed", false);
}

function punctuation(node: JsonObject): PreTokenizer | Unsupported {
  const behavior = behaviorNamed(node["behavior"] ?? "Isolated");
  return behavior === undefined ? unknownBehavior() : (text) => splitBy(text, PUNCTUATION_CHARACTERS, behavior, false);
}

function split(node: JsonObject): PreTokenizer | Unsupported {
  const { String: literal, Regex: source } = (node["pattern"] ?? {}) as JsonObject;
  const behavior: Behavior | undefined = behaviorNamed(node["behavior"]);
  if (behavior === undefined) return unknownBehavior();
  const expression = typeof source === "string" ? source : "";
  const search = typeof literal === "string" && literal !== "" ? literalPattern(literal) : searchPattern(expression, true);
  if (search === undefined) return { unsupported: `its pre-tokenizer splits by the expression ${expression}` };
  return (text) => splitBy(text, search, behavior, node["invert"] === true);
}

function unknownBehavior(): Unsupported {
  return { unsupported: "its pre-tokenizer treats what it finds in an unknown way" };
}

function metaspace(node: JsonObject): PreTokenizer | Unsupported {
  const mark = node["replacement"];
  if (typeof mark !== "string" || Array.from(mark).length !== 1) return { unsupported: "its pre-tokenizer replaces spaces by nothing" };
  const scheme = node["prepend_scheme"] ?? (node["add_prefix_space"] === false ? "never" : "always");
  const toMark = replace(literalPattern(" "), mark);
  const withMark = prepend(mark);
  const pattern = literalPattern(mark);
  return (text, first) => {
    const marked = toMark(text);
    const prefixed = !marked.text.startsWith(mark) && (scheme === "always" || (scheme === "first" && first)) ? withMark(marked) : marked;
    return node["split"] === false ? [prefixed] : splitBy(prefixed, pattern, "mergedWithNext", false);
  };
}

/** GPT-2's own pattern. */
const GPT2 = new RegExp(`'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${WHITE_SPACE}\\p{L}\\p{N}]+|[${WHITE_SPACE}]+(?![^${WHITE_SPACE}])|[${WHITE_SPACE}]+`, "gu");

function byteLevel(prefixed: boolean, splits: boolean): PreTokenizer {
  const space = prepend(" ");
  return (text) => {
    const whole = prefixed && !text.text.startsWith(" ") ? space(text) : text;
    return (splits ? splitBy(whole, GPT2, "isolated", false) : [whole]).map(toBytes);
  };
}

const utf8 = new TextEncoder();

function toBytes(word: AlignedText): AlignedText {
  const builder = new AlignedTextBuilder(word);
  let unit = 0;
  for (const character of word.text) {
    builder.put(byteLevelText(utf8.encode(character)), unit);
    unit += character.length;
  }
  return builder.finish();
}

