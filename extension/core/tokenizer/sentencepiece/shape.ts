import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { modelProblem } from "../bpe/modelFields";
import type { Unsupported } from "../normalize/normalizer";
import { MARK } from "./mark";

/** Where a space is put before a text: nowhere; before every stretch between added tokens; the latter only unless it begins with one. */
export type PrefixRule = "never" | "always" | "unlessSpaced" | "firstUnlessSpaced";

/** What is special about a SentencePiece-style tokenizer.json. */
export interface SentencePieceShape {
  /** Steps of the normalizer before spaces become ▁, as JSON; null where there are none. */
  readonly normalizer: JsonValue;
  readonly prefix: PrefixRule;
  /** Whether it is the normalizer that puts it there. */
  readonly prefixIsNormal: boolean;
  /** Whether each ▁ begins a word of its own, so that no token holds one anywhere but in front. */
  readonly splitAtMarks: boolean;
  readonly byteFallback: boolean;
  readonly unknownToken: string | undefined;
  /** Whether unknown characters in a row are one token. */
  readonly fuseUnknown: boolean;
}

/**
 * Reads the fields that decide how text becomes words and words become symbols. Only what is listed here is taken: anything else,
 * also what may come to the format later, is unsupported.
 */
export function sentencePieceShape(tokenizer: JsonObject): SentencePieceShape | Unsupported {
  const model = (tokenizer["model"] ?? {}) as JsonObject;
  const problem = modelProblem(model);
  if (problem !== undefined) return problem;
  if (model["ignore_merges"] === true) return { unsupported: "it takes words that are tokens without merging" };
  const words = wordRules(tokenizer["normalizer"], tokenizer["pre_tokenizer"]);
  if ("unsupported" in words) return words;
  const unknown = model["unk_token"];
  return {
    ...words,
    byteFallback: model["byte_fallback"] === true,
    unknownToken: typeof unknown === "string" ? unknown : undefined,
    fuseUnknown: model["fuse_unk"] === true,
  };
}

type WordRules = Pick<SentencePieceShape, "normalizer" | "prefix" | "prefixIsNormal" | "splitAtMarks">;

function wordRules(normalizer: JsonValue | undefined, preTokenizer: JsonValue | undefined): WordRules | Unsupported {
  const steps = stepsOf(normalizer);
  const replaceAt = steps.findIndex(isSpaceReplacement);
  const prepends = steps.map(isMarkPrepend);
  const before = steps.slice(0, replaceAt < 0 ? steps.length : replaceAt).filter((step) => !isMarkPrepend(step));
  const tail = replaceAt < 0 ? [] : steps.slice(replaceAt + 1);
  const normalizing = before.length === 0 ? null : { type: "Sequence", normalizers: before };
  const count = prepends.filter(Boolean).length;
  // A prefix is put before what the other steps leave; steps behind it would see it.
  const inOrder = count === 0 || (count === 1 && prepends.indexOf(true) >= before.length && tail.every(isMarkPrepend));
  if (!inOrder || !tail.every(isMarkPrepend)) return { unsupported: "its normalizer has steps behind the one that replaces spaces" };
  const metaspace = metaspaceOf(preTokenizer);
  if (metaspace !== undefined) {
    if (count > 0) return { unsupported: "both its normalizer and its pre-tokenizer put a space before a text" };
    return { normalizer: normalizing, prefixIsNormal: false, ...metaspace };
  }
  if (replaceAt < 0) return { unsupported: "it keeps spaces as they are" };
  if (!isNothing(preTokenizer)) return { unsupported: "its pre-tokenizer splits text otherwise than at spaces" };
  return { normalizer: normalizing, prefix: count > 0 ? "always" : "never", prefixIsNormal: true, splitAtMarks: false };
}

function stepsOf(normalizer: JsonValue | undefined): readonly JsonObject[] {
  if (normalizer === undefined || normalizer === null) return [];
  const node = normalizer as JsonObject;
  return node["type"] === "Sequence" ? ((node["normalizers"] ?? []) as readonly JsonObject[]).flatMap(stepsOf) : [node];
}

function isSpaceReplacement({ type, pattern, content }: JsonObject): boolean {
  return type === "Replace" && (pattern as JsonObject | undefined)?.["String"] === " " && content === MARK;
}

function isMarkPrepend({ type, prepend }: JsonObject): boolean {
  return type === "Prepend" && prepend === MARK;
}

/** Nothing, or splitting at spaces where there are none left. */
function isNothing(preTokenizer: JsonValue | undefined): boolean {
  if (preTokenizer === undefined || preTokenizer === null) return true;
  const { type, pattern, invert } = preTokenizer as JsonObject;
  return type === "Split" && (pattern as JsonObject | undefined)?.["String"] === " " && invert !== true;
}

function metaspaceOf(preTokenizer: JsonValue | undefined): Pick<WordRules, "prefix" | "splitAtMarks"> | undefined {
  const { type, replacement, prepend_scheme: scheme, add_prefix_space: prefixed, split } = (preTokenizer ?? {}) as JsonObject;
  if (type !== "Metaspace" || replacement !== MARK) return undefined;
  const splitAtMarks = split !== false;
  if (scheme === "never" || (scheme === undefined && prefixed === false)) return { prefix: "never", splitAtMarks };
  if (scheme === "always" || scheme === undefined) return { prefix: "unlessSpaced", splitAtMarks };
  return scheme === "first" ? { prefix: "firstUnlessSpaced", splitAtMarks } : undefined;
}
