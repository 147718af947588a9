import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { type Behavior, behaviorNamed } from "../fallback/splitting";
import { PUNCTUATION } from "../normalize/characterData";
import type { Unsupported } from "../normalize/normalizer";
import { unpackRanges } from "../normalize/ranges";
import { numberSet } from "./categories";
import { rangeSet } from "./codePointSet";
import { UnknownSyntax, parsePattern } from "./parse";
import type { Pattern } from "./pattern";

/** One of the steps in which a byte-level tokenizer splits a text into words: each splits what the one before left. */
export interface Level {
  readonly pattern: Pattern;
  readonly behavior: Behavior;
  /** Whether what the pattern does not find counts as found, and the other way round. */
  readonly invert: boolean;
}

/** How a byte-level tokenizer splits. */
export interface Splitting {
  /** Whether a space is put before a stretch that does not begin with one. */
  readonly prefixSpace: boolean;
  readonly levels: readonly Level[];
  /** Levels behind the step that writes bytes as characters: these see the bytes of a word in that alphabet, not its characters. */
  readonly byteLevels: readonly Level[];
}

/** GPT-2's own expression, which `ByteLevel` has in itself. */
const GPT2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

/** Reads the field `pre_tokenizer` of a byte-level tokenizer.json. */
export function readSplitting(value: JsonValue | undefined): Splitting | Unsupported {
  const steps = stepsOf(value);
  const at = steps.findIndex(({ type }) => type === "ByteLevel");
  const byteLevel = steps[at];
  if (byteLevel === undefined) return { unsupported: "its pre-tokenizer does not make bytes of the text" };
  const prefixSpace = byteLevel["add_prefix_space"] !== false;
  if (prefixSpace && at > 0) return { unsupported: "its pre-tokenizer puts a space before each word" };
  const ownSplit: JsonObject[] = byteLevel["use_regex"] === false ? [] : [{ type: "Split", pattern: { Regex: GPT2 }, behavior: "Isolated" }];
  const levels = levelsOf([...steps.slice(0, at), ...ownSplit]);
  if ("unsupported" in levels) return levels;
  const byteLevels = levelsOf(steps.slice(at + 1));
  return "unsupported" in byteLevels ? byteLevels : { prefixSpace, levels, byteLevels };
}

function stepsOf(value: JsonValue | undefined): readonly JsonObject[] {
  if (value === undefined || value === null) return [];
  const node = value as JsonObject;
  return node["type"] === "Sequence" ? ((node["pretokenizers"] ?? []) as readonly JsonObject[]).flatMap(stepsOf) : [node];
}

function levelsOf(steps: readonly JsonObject[]): readonly Level[] | Unsupported {
  const levels: Level[] = [];
  for (const step of steps) {
    const level = levelOf(step);
    if ("unsupported" in level) return level;
    levels.push(level);
  }
  return levels;
}

function levelOf(step: JsonObject): Level | Unsupported {
  switch (step["type"]) {
    case "Split":
      return splitLevel(step);
    case "Digits":
      return { pattern: { kind: "character", set: numberSet() }, behavior: step["individual_digits"] === true ? "isolated" : "contiguous", invert: false };
    case "Punctuation":
      return punctuationLevel(step);
    default:
      return { unsupported: `its pre-tokenizer is ${JSON.stringify(step["type"])} beside ByteLevel` };
  }
}

function punctuationLevel(step: JsonObject): Level | Unsupported {
  const behavior = behaviorNamed(step["behavior"] ?? "Isolated");
  const set = unpackRanges(PUNCTUATION).flatMap(({ first, last }) => [first, last + 1]);
  return behavior === undefined ? UNKNOWN_BEHAVIOR : { pattern: { kind: "character", set }, behavior, invert: false };
}

const UNKNOWN_BEHAVIOR: Unsupported = { unsupported: "its pre-tokenizer treats what it finds in an unknown way" };

function splitLevel({ pattern, behavior: name, invert }: JsonObject): Level | Unsupported {
  const behavior = behaviorNamed(name);
  if (behavior === undefined) return UNKNOWN_BEHAVIOR;
  const { String: literal, Regex: source } = (pattern ?? {}) as JsonObject;
  if (typeof literal === "string") return { pattern: literalPattern(literal), behavior, invert: invert === true };
  if (typeof source !== "string") return { unsupported: "its pre-tokenizer splits by nothing" };
  try {
    return { pattern: parsePattern(source), behavior, invert: invert === true };
  } catch (error) {
    if (!(error instanceof UnknownSyntax)) throw error;
    return { unsupported: `its pre-tokenizer's expression has ${error.message}: ${source}` };
  }
}

function literalPattern(text: string): Pattern {
  const codes = Array.from(text, (character) => character.codePointAt(0) as number);
  return { kind: "sequence", parts: codes.map((code): Pattern => ({ kind: "character", set: rangeSet(code, code) })) };
}
