import { SPECIAL_NAMES, type SpecialIds, type TokenCodec, type Vocabulary } from "./vocabulary";

/**
 * Whether text can become a token at all, in Magikarp's terms: encoding the token's own text gives the token back (`OK`,
 * `OK_SPECIAL`), or it does not, in one of four ways.
 */
export type TokenCategory = "OK" | "OK_SPECIAL" | "UNREACHABLE_SPECIAL" | "UNDECODEABLE" | "UNREACHABLE_SINGLE_TOKEN" | "UNREACHABLE_MULTI_TOKEN";

/** Put before a token's text and taken off its encoding, for tokenizers that write a space before the first word. */
const PREFIXES = ["«", "»"];

/** Sorts tokens into {@link TokenCategory}s. */
export class TokenCategories {
  readonly #codec: TokenCodec;
  readonly #special: ReadonlySet<number>;
  /** What each of {@link PREFIXES} encodes to; empty where nothing need stand before a text. */
  readonly #prefixes: readonly { readonly text: string; readonly ids: readonly number[] }[];

  constructor(vocabulary: Vocabulary, codec: TokenCodec, special: SpecialIds) {
    this.#codec = codec;
    this.#special = specialSet(special);
    this.#prefixes = addsSpace(vocabulary, codec) ? PREFIXES.map((text) => ({ text, ids: codec.encode(text) })) : [];
  }

  of(id: number): TokenCategory {
    const text = this.#codec.decode([id]);
    const ids = this.#reencode(id, text);
    if (ids.length === 1 && ids[0] === id) return this.#special.has(id) ? "OK_SPECIAL" : "OK";
    if (looksSpecial(text)) return "UNREACHABLE_SPECIAL";
    if (text.includes("\ufffd")) return "UNDECODEABLE";
    return ids.length === 1 ? "UNREACHABLE_SINGLE_TOKEN" : "UNREACHABLE_MULTI_TOKEN";
  }

  #reencode(id: number, text: string): readonly number[] {
    for (const prefix of this.#prefixes) {
      // Decoded alone, a word's first token would lose the space that it stands for.
      const ids = this.#codec.encode(this.#codec.decode([...prefix.ids, id]));
      if (prefix.ids.every((part, i) => ids[i] === part)) return ids.slice(prefix.ids.length);
    }
    return this.#codec.encode(text);
  }
}

/** The ids that `OK_SPECIAL` is said of. */
function specialSet(special: SpecialIds): ReadonlySet<number> {
  const named = SPECIAL_NAMES.map((name) => special[name]);
  // Magikarp takes eos where there is no pad, which is in the list anyway.
  return new Set([...named, ...special.additional].filter((id) => id !== undefined));
}

/** Whether a text's first word is encoded as if a space stood before it. */
function addsSpace(vocabulary: Vocabulary, codec: TokenCodec): boolean {
  return /^[▁Ġ]/u.test(vocabulary.token(codec.encode("a")[0] ?? -1) ?? "");
}

/** In brackets, three characters or more, with a letter: `<|im_start|>`, `[INST]`. */
function looksSpecial(text: string): boolean {
  return /^(?:<.+>|\[.+\])$/su.test(text) && /\p{L}/u.test(text);
}
