import { SPACES, wordSet } from "../split/categories";
import { type CodePointSet, contains } from "../split/codePointSet";
import type { AddedToken } from "../tokenizer";
import { Matcher } from "./matcher";

/** Takes a stretch `[start, end)` of a text: an added token, or what stands between two. */
export type TakeStretch = (start: number, end: number, token: AddedToken | undefined) => void;

/** Finds added tokens in a text, and tells of all stretches in order, as the Rust library's AddedVocabulary does. */
export class AddedSplitter {
  readonly #tokens: readonly AddedToken[];
  readonly #matcher: Matcher;
  readonly #words: CodePointSet;

  /** @param contents what is looked for, for each token: its own content, or that after normalizing. */
  constructor(tokens: readonly AddedToken[], contents: readonly string[]) {
    this.#tokens = tokens;
    this.#matcher = new Matcher(contents);
    this.#words = tokens.some(({ singleWord }) => singleWord) ? wordSet() : [];
  }

  get isEmpty(): boolean {
    return this.#matcher.isEmpty;
  }

  /** An empty text is told of as nothing. */
  split(text: string, take: TakeStretch): void {
    const matcher = this.#matcher;
    let told = 0;
    for (let from = 0; matcher.find(text, from); ) {
      const token = this.#tokens[matcher.index] as AddedToken;
      let { start, end } = matcher;
      // What was found is not looked at again, even where the token does not count.
      from = end;
      if (token.singleWord && (this.#isWordBefore(text, start) || this.#isWordAt(text, end))) continue;
      // White space that an earlier token took along is not taken again. What it took behind it is still searched: the
      // library then tells of characters twice.
      if (token.lstrip) start = Math.max(spaceStart(text, start), told);
      if (token.rstrip) end = spaceEnd(text, end);
      if (told < start) take(told, start, undefined);
      if (start < end) take(start, end, token);
      told = end;
    }
    if (told < text.length) take(told, text.length, undefined);
  }

  #isWordBefore(text: string, end: number): boolean {
    const low = end > 0 ? text.charCodeAt(end - 1) : 0;
    const start = end - ((low & 0xfc00) === 0xdc00 ? 2 : 1);
    return end > 0 && contains(this.#words, text.codePointAt(start) as number);
  }

  #isWordAt(text: string, start: number): boolean {
    return start < text.length && contains(this.#words, text.codePointAt(start) as number);
  }
}

/** Where the white space that ends at `end` begins. */
function spaceStart(text: string, end: number): number {
  let start = end;
  while (start > 0 && contains(SPACES, text.charCodeAt(start - 1))) start--;
  return start;
}

function spaceEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && contains(SPACES, text.charCodeAt(end))) end++;
  return end;
}
