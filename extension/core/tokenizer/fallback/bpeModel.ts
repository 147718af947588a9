import type { JsonObject, JsonValue } from "../../dataset/conversation";
import type { Unsupported } from "../normalize/normalizer";
import { Symbols } from "../bpe/symbols";
import { MAX_ID, MAX_MERGES, addMerge, createMergeTable } from "../tables/mergeTable";
import { utf8Length } from "../tables/utf8";
import { type AddToken, type WordModel, vocabularyOf } from "./wordModel";
import { byteTokenText } from "../decode/byteAlphabet";

/** BPE with everything the format has, but for merges that are left out at random. */
export function createBpeModel(model: JsonObject): WordModel | Unsupported {
  const dropout = model["dropout"];
  if (typeof dropout === "number" && dropout > 0) return { unsupported: "its merges are left out at random" };
  const ids = vocabularyOf(model);
  const merges = (model["merges"] ?? []) as readonly JsonValue[];
  if (merges.length > MAX_MERGES) return { unsupported: `it has more than ${MAX_MERGES} merges` };
  const prefix = textOf(model["continuing_subword_prefix"]);
  const table = createMergeTable(merges.length, (byteLength) => new ArrayBuffer(byteLength));
  for (const [rank, merge] of merges.entries()) {
    const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ") : (merge as readonly string[]);
    const [leftId, rightId, id] = [ids.get(left), ids.get(right), ids.get(left + (prefix === "" ? right : right.slice(prefix.length)))];
    if (leftId === undefined || rightId === undefined || id === undefined) return { unsupported: `merge ${rank + 1} is of tokens that it does not have` };
    if (Math.max(leftId, rightId) >= MAX_ID || !addMerge(table, leftId, rightId, rank, id)) return { unsupported: "its merges are made to be slow to find" };
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
    // The library counts the bytes of what it adds, in the order in which it adds it.
    const units = unitsOfBytes(word);
    let start = 0;
    for (let i = 0; i < symbols.count; i++) {
      const end = symbols.ends[i] as number;
      const last = units[Math.min(end, units.length) - 1] ?? 0;
      add(symbols.ids[i] as number, units[Math.min(start, units.length - 1)] ?? 0, last + ((word.codePointAt(last) ?? 0) > 0xffff ? 2 : 1));
      start = end;
    }
    symbols.release();
  }

  #addCharacters(word: string): void {
    const { ids, prefix, suffix, byteFallback, unknownId } = this.#tables;
    let unknown = 0;
    let end = 0;
    for (const character of word) {
      const start = end;
      end += character.length;
      const text = (start === 0 ? "" : prefix) + character + (end === word.length ? suffix : "");
      const id = ids.get(text);
      const bytes = id === undefined && byteFallback ? this.#byteIds(text) : undefined;
      if (id !== undefined) {
        this.#add(unknownId, unknown);
        unknown = 0;
        this.#add(id, utf8Length(character));
      } else if (bytes !== undefined) {
        // The library adds what is unknown before only with the next token that is not one of bytes.
        for (const byte of bytes) this.#add(byte, 1);
      } else {
        if (!this.#tables.fuse) {
          this.#add(unknownId, unknown);
          unknown = 0;
        }
        unknown += utf8Length(character);
      }
    }
    this.#add(unknownId, unknown);
  }

  #add(id: number | undefined, bytes: number): void {
    const { symbols } = this.#tables;
    if (id !== undefined && bytes > 0) symbols.add(id, (symbols.count === 0 ? 0 : (symbols.ends[symbols.count - 1] as number)) + bytes);
  }

  /** Undefined where a byte has no token. */
  #byteIds(text: string): readonly number[] | undefined {
    const found = Array.from(utf8.encode(text), (byte) => this.#tables.ids.get(byteTokenText(byte)));
    return found.every((id) => id !== undefined) ? found : undefined;
  }
}

/** The UTF-16 unit at which the character of each byte of a text begins. */
function unitsOfBytes(text: string): readonly number[] {
  const units: number[] = [];
  let unit = 0;
  for (const character of text) {
    for (let left = utf8Length(character); left > 0; left--) units.push(unit);
    unit += character.length;
  }
  return units;
}
