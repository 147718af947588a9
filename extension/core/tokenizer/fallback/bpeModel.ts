import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { addMerge, createMergeTable } from "../sentencepiece/mergeTable";
import { Symbols } from "../sentencepiece/symbols";
import { type AddToken, type WordModel, vocabularyOf } from "./wordModel";

/** BPE with everything the format has, but for merges that are left out at random. */
export function createBpeModel(model: JsonObject): WordModel | Unsupported {
  const dropout = model["dropout"];
  if (typeof dropout === "number" && dropout > 0) return { unsupported: "its merges are left out at random" };
  const ids = vocabularyOf(model);
  const merges = (model["merges"] ?? []) as readonly JsonValue[];
  const prefix = textOf(model["continuing_subword_prefix"]);
  const table = createMergeTable(merges.length, (byteLength) => new ArrayBuffer(byteLength));
  for (const [rank, merge] of merges.entries()) {
    const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ") : (merge as readonly string[]);
    const [leftId, rightId, id] = [ids.get(left), ids.get(right), ids.get(left + (prefix === "" ? right : right.slice(prefix.length)))];
    if (leftId === undefined || rightId === undefined || id === undefined) return { unsupported: `merge ${rank + 1} is of tokens that it does not have` };
    addMerge(table, leftId, rightId, rank, id);
  }
  const unknown = model["unk_token"];
  return new BpeModel({
    ids,
    prefix,
    suffix: textOf(model["end_of_word_suffix"]),
    unknownId: typeof unknown === "string" ? ids.get(unknown) : undefined,
    fuse: model["fuse_unk"] === true,
    byteFallback: model["byte_fallback"] === true,
    ignoreMerges: model["ignore_merges"] === true,
    symbols: new Symbols(table),
  });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

interface BpeTables {
  readonly ids: ReadonlyMap<string, number>;
  readonly prefix: string;
  readonly suffix: string;
  readonly unknownId: number | undefined;
  readonly fuse: boolean;
  readonly byteFallback: boolean;
  readonly ignoreMerges: boolean;
  readonly symbols: Symbols;
}

const utf8 = new TextEncoder();

class BpeModel implements WordModel {
  readonly #tables: BpeTables;

  constructor(tables: BpeTables) {
    this.#tables = tables;
  }

  encode(word: string, add: AddToken): void {
    const { ids, ignoreMerges, symbols } = this.#tables;
    const whole = ignoreMerges ? ids.get(word) : undefined;
    if (whole !== undefined) {
      add(whole, 0, word.length);
      return;
    }
    symbols.count = 0;
    this.#addCharacters(word);
    symbols.merge();
    for (let i = 0; i < symbols.count; i++) add(symbols.ids[i] as number, symbols.starts[i] as number, symbols.ends[i] as number);
    symbols.release();
  }

  #addCharacters(word: string): void {
    const { ids, prefix, suffix, byteFallback, symbols } = this.#tables;
    let unknown: { start: number; end: number } | undefined;
    let end = 0;
    for (const character of word) {
      const start = end;
      end += character.length;
      const text = (start === 0 ? "" : prefix) + character + (end === word.length ? suffix : "");
      const id = ids.get(text);
      const bytes = id === undefined && byteFallback ? this.#byteIds(text) : undefined;
      if (id !== undefined) {
        this.#addUnknown(unknown);
        unknown = undefined;
        symbols.add(id, start, end);
      } else if (bytes !== undefined) {
        // The library adds what is unknown before only with the next token that is not one of bytes.
        for (const byte of bytes) symbols.add(byte, start, end);
      } else if (unknown !== undefined && this.#tables.fuse) unknown.end = end;
      else {
        this.#addUnknown(unknown);
        unknown = { start, end };
      }
    }
    this.#addUnknown(unknown);
  }

  #addUnknown(unknown: { readonly start: number; readonly end: number } | undefined): void {
    const { unknownId, symbols } = this.#tables;
    if (unknown !== undefined && unknownId !== undefined) symbols.add(unknownId, unknown.start, unknown.end);
  }

  /** Undefined where a byte has no token. */
  #byteIds(text: string): readonly number[] | undefined {
    const found = Array.from(utf8.encode(text), (byte) => this.#tables.ids.get(`<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`));
    return found.every((id) => id !== undefined) ? found : undefined;
  }
}
