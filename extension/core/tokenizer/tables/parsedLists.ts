import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { MAX_ID } from "./mergeTable";
import type { MergeList, ModelLists, TokenBytes, TokenList, WantedTokens } from "./modelLists";

/** The lists of a parsed tokenizer.json; its merges are in the old form of strings or the new one of pairs. */
export function parsedLists(tokenizer: JsonObject): ModelLists {
  const { vocab, merges } = (tokenizer["model"] ?? {}) as JsonObject;
  const list = Array.isArray(merges) ? (merges as readonly JsonValue[]) : [];
  const tokens = tokensOf(vocab);
  return {
    tokens,
    merges: new ParsedMerges(list),
    reduced: (wanted) => reduced("unsupported" in tokens ? {} : (vocab as JsonObject), list, wanted),
  };
}

function tokensOf(vocab: JsonValue | undefined): TokenList | Unsupported {
  if (typeof vocab !== "object" || vocab === null || Array.isArray(vocab)) return { unsupported: "it has no vocabulary" };
  const byId: string[] = [];
  let units = 0;
  // Half the time that entries would take.
  for (const token of Object.keys(vocab)) {
    const id = (vocab as JsonObject)[token];
    if (typeof id !== "number" || !Number.isInteger(id) || id < 0 || id >= MAX_ID) return { unsupported: "it has ids beyond what is usual" };
    if (byId[id] !== undefined) return { unsupported: `it has two tokens with id ${id}` };
    byId[id] = token;
    units += token.length;
  }
  return {
    size: byId.length,
    byteLength: 3 * units,
    text: (id) => byId[id],
    write: (id, alphabet, bytes, at) => {
      const token = byId[id];
      return token === undefined ? 0 : alphabet.write(token, 0, token.length, bytes, at);
    },
  };
}

/** Makes no strings of the parts: there are up to half a million. */
class ParsedMerges implements MergeList {
  readonly #list: readonly JsonValue[];
  readonly count: number;
  end = 0;

  constructor(list: readonly JsonValue[]) {
    this.#list = list;
    this.count = list.length;
  }

  byteLength(rank: number): number {
    const merge = this.#list[rank];
    if (typeof merge === "string") return 3 * merge.length;
    const [left, right] = pairOf(merge);
    return 3 * (left.length + right.length);
  }

  write(rank: number, alphabet: TokenBytes, bytes: Uint8Array): number {
    const merge = this.#list[rank];
    if (typeof merge !== "string") {
      const [left, right] = pairOf(merge);
      return left === "" && right === "" ? -1 : this.#write(left + right, left.length, left.length, alphabet, bytes);
    }
    const space = merge.indexOf(" ");
    return space < 0 ? -1 : this.#write(merge, space, space + 1, alphabet, bytes);
  }

  /** The tokens are `text[0, leftEnd)` and `text[rightStart, …)`. */
  #write(text: string, leftEnd: number, rightStart: number, alphabet: TokenBytes, bytes: Uint8Array): number {
    const middle = alphabet.write(text, 0, leftEnd, bytes, 0);
    const length = middle < 0 ? -1 : alphabet.write(text, rightStart, text.length, bytes, middle);
    this.end = middle + length;
    return length < 0 ? -1 : middle;
  }
}

function pairOf(merge: JsonValue | undefined): readonly [string, string] {
  const [left, right] = Array.isArray(merge) ? (merge as readonly JsonValue[]) : [];
  return typeof left === "string" && typeof right === "string" ? [left, right] : ["", ""];
}

function reduced(vocab: JsonObject, merges: readonly JsonValue[], wanted: WantedTokens): ReturnType<ModelLists["reduced"]> {
  const kept: Record<string, JsonValue> = {};
  for (const token of Object.keys(vocab)) {
    const id = vocab[token];
    if (id !== undefined && wanted.mayHave(token) && wanted.has(token)) kept[token] = id;
  }
  return { vocab: kept, merges: merges.filter((merge) => isOfKept(merge, kept)) };
}

/** Whether a merge is of these tokens only. */
export function isOfKept(merge: JsonValue, kept: JsonObject): boolean {
  const space = typeof merge === "string" ? merge.indexOf(" ") : 0;
  const left = typeof merge === "string" ? merge.slice(0, space) : pairOf(merge)[0];
  // Most of half a million fail here: nothing more is made of those.
  if (!Object.hasOwn(kept, left)) return false;
  const right = typeof merge === "string" ? merge.slice(space + 1) : pairOf(merge)[1];
  return Object.hasOwn(kept, right) && Object.hasOwn(kept, left + right);
}
