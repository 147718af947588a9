import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { decodeUtf8 } from "../../jsonl/utf8";
import type { Unsupported } from "../normalize/normalizer";
import { MAX_ID } from "./mergeTable";
import type { MergeList, ModelLists, TokenBytes, TokenList, WantedTokens } from "./modelLists";
import { isOfKept } from "./parsedLists";
import type { ScannedLists } from "./scanTokenizer";

/** The lists of a tokenizer.json that were found in its bytes. Strings are only made of what needs them. */
export function scannedLists(scanned: ScannedLists): ModelLists {
  return {
    tokens: tokensOf(scanned),
    merges: new ScannedMerges(scanned),
    reduced: (wanted) => reduced(scanned, wanted),
  };
}

function tokensOf({ bytes, escaped, vocab }: ScannedLists): TokenList | Unsupported {
  let size = 0;
  let byteLength = 0;
  for (let at = 0; at < vocab.length; at += 3) {
    const id = vocab[at + 2] as number;
    if (id >= MAX_ID) return { unsupported: "it has ids beyond what is usual" };
    size = Math.max(size, id + 1);
    // Escapes are longer than what they stand for.
    byteLength += (vocab[at + 1] as number) - (vocab[at] as number);
  }
  const places = new Int32Array(size).fill(-1);
  for (let at = 0; at < vocab.length; at += 3) {
    const id = vocab[at + 2] as number;
    if (places[id] !== -1) return { unsupported: `it has two tokens with id ${id}` };
    places[id] = at;
  }
  return {
    size,
    byteLength,
    text: (id) => {
      const at = places[id];
      return at === undefined || at < 0 ? undefined : stringAt(bytes, escaped, vocab[at] as number, vocab[at + 1] as number);
    },
    write: (id, alphabet, target, to) => {
      const at = places[id] as number;
      if (at < 0) return 0;
      const start = vocab[at] as number;
      const text = escaped.size === 0 ? undefined : escaped.get(start);
      return text === undefined ? alphabet.copy(bytes, start, vocab[at + 1] as number, target, to) : alphabet.write(text, 0, text.length, target, to);
    },
  };
}

class ScannedMerges implements MergeList {
  readonly #lists: ScannedLists;
  readonly count: number;
  end = 0;

  constructor(lists: ScannedLists) {
    this.#lists = lists;
    this.count = lists.merges.length / 4;
  }

  byteLength(rank: number): number {
    const { merges } = this.#lists;
    return (merges[4 * rank + 3] as number) - (merges[4 * rank] as number);
  }

  write(rank: number, alphabet: TokenBytes, target: Uint8Array): number {
    const { merges } = this.#lists;
    const at = 4 * rank;
    const middle = this.#token(merges[at] as number, merges[at + 1] as number, alphabet, target, 0);
    const length = middle < 0 ? -1 : this.#token(merges[at + 2] as number, merges[at + 3] as number, alphabet, target, middle);
    this.end = middle + length;
    return length < 0 ? -1 : middle;
  }

  #token(start: number, end: number, alphabet: TokenBytes, target: Uint8Array, to: number): number {
    const { bytes, escaped } = this.#lists;
    const text = escaped.size === 0 ? undefined : escaped.get(start);
    return text === undefined ? alphabet.copy(bytes, start, end, target, to) : alphabet.write(text, 0, text.length, target, to);
  }
}

function stringAt(bytes: Uint8Array, escaped: ScannedLists["escaped"], start: number, end: number): string {
  return escaped.get(start) ?? decodeUtf8(bytes.subarray(start, end)).text;
}

function reduced({ bytes, escaped, vocab, merges }: ScannedLists, wanted: WantedTokens): ReturnType<ModelLists["reduced"]> {
  const mayHave = (start: number, end: number): boolean => escaped.has(start) || wanted.mayHaveBytes(bytes, start, end);
  const kept: Record<string, JsonValue> = {};
  for (let at = 0; at < vocab.length; at += 3) {
    const [start, end] = [vocab[at] as number, vocab[at + 1] as number];
    if (!mayHave(start, end)) continue;
    const token = stringAt(bytes, escaped, start, end);
    if (wanted.has(token)) kept[token] = vocab[at + 2] as number;
  }
  const pairs: JsonValue[] = [];
  for (let at = 0; at < merges.length; at += 4) {
    const [left, leftEnd, right, rightEnd] = [merges[at] as number, merges[at + 1] as number, merges[at + 2] as number, merges[at + 3] as number];
    if (!mayHave(left, leftEnd) || !mayHave(right, rightEnd)) continue;
    const pair = [stringAt(bytes, escaped, left, leftEnd), stringAt(bytes, escaped, right, rightEnd)];
    if (isOfKept(pair, kept)) pairs.push(pair);
  }
  return { vocab: kept satisfies JsonObject, merges: pairs };
}
