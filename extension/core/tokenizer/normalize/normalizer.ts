import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { AlignedText } from "./alignedText";
import { type NormalizerStep, cleanText, lowercase, nmt, spaceIdeographs, stripAccents, stripMarks } from "./characterSteps";
import { precompiled } from "./precompiled";
import { literalPattern, searchPattern } from "./searchPattern";
import { prepend, replace, strip } from "./textSteps";
import { unicodeForm } from "./unicodeForms";

/** Changes a text before it is tokenized. */
export interface Normalizer {
  /** The normalized text with the way back to `text`, which must be well-formed; what changes nothing costs next to nothing. */
  normalize(text: string): AlignedText;
}

/** A part of tokenizer.json that has no exact equivalent here. */
export interface Unsupported {
  readonly unsupported: string;
}

/**
 * The normalizer that the field `normalizer` of a tokenizer.json describes, texts and alignments as the Rust library `tokenizers`
 * makes them. Null and undefined give one that changes nothing.
 */
export function createNormalizer(value: JsonValue | undefined): Normalizer | Unsupported {
  const steps = stepsOf(value);
  if ("unsupported" in steps) return steps;
  return { normalize: (text) => steps.reduce((aligned: AlignedText, step) => step(aligned), { text, spans: undefined }) };
}

type Steps = readonly NormalizerStep[] | Unsupported;

const SIMPLE: Readonly<Record<string, NormalizerStep>> = {
  NFC: unicodeForm("NFC"),
  NFD: unicodeForm("NFD"),
  NFKC: unicodeForm("NFKC"),
  NFKD: unicodeForm("NFKD"),
  Lowercase: lowercase,
  StripAccents: stripMarks,
  Nmt: nmt,
};

function stepsOf(value: JsonValue | undefined): Steps {
  if (value === undefined || value === null) return [];
  const node = value as JsonObject;
  const type = typeof node["type"] === "string" ? node["type"] : "of no type";
  const simple = Object.hasOwn(SIMPLE, type) ? SIMPLE[type] : undefined;
  if (simple !== undefined) return [simple];
  if (type === "Sequence") return sequenceSteps(node["normalizers"]);
  if (type === "Prepend" && typeof node["prepend"] === "string") return [prepend(node["prepend"])];
  if (type === "Strip") return [strip(node["strip_left"] !== false, node["strip_right"] !== false)];
  if (type === "Replace") return replaceStep(node);
  if (type === "BertNormalizer") return bertSteps(node);
  if (type === "Precompiled") return precompiledStep(node["precompiled_charsmap"]);
  return { unsupported: `its normalizer is ${type}` };
}

function sequenceSteps(parts: JsonValue | undefined): Steps {
  if (!Array.isArray(parts)) return { unsupported: "its normalizer is a Sequence of nothing" };
  const steps: NormalizerStep[] = [];
  for (const part of parts as readonly JsonValue[]) {
    const more = stepsOf(part);
    if ("unsupported" in more) return more;
    steps.push(...more);
  }
  return steps;
}

function replaceStep({ pattern, content }: JsonObject): Steps {
  const { String: literal, Regex: source } = (pattern ?? {}) as JsonObject;
  if (typeof content !== "string") return { unsupported: "its normalizer replaces something by nothing" };
  if (typeof literal === "string" && literal !== "") return [replace(literalPattern(literal), content)];
  const expression = typeof source === "string" ? source : "";
  const search = searchPattern(expression);
  return search === undefined ? { unsupported: `its normalizer replaces the expression ${expression}` } : [replace(search, content)];
}

function bertSteps(node: JsonObject): Steps {
  const lower = node["lowercase"] !== false;
  const steps: NormalizerStep[] = [];
  if (node["clean_text"] !== false) steps.push(cleanText);
  if (node["handle_chinese_chars"] !== false) steps.push(spaceIdeographs);
  if ((node["strip_accents"] ?? lower) === true) steps.push(stripAccents);
  if (lower) steps.push(lowercase);
  return steps;
}

function precompiledStep(value: JsonValue | undefined): Steps {
  if (value === null || value === "") return [];
  const step = typeof value === "string" ? precompiled(value) : undefined;
  return step === undefined ? { unsupported: "its normalizer's character map cannot be read" } : [step];
}
