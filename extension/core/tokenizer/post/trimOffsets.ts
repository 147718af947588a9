import { SPACES } from "../split/categories";
import { contains } from "../split/codePointSet";
import type { Vocabulary } from "../stretchEncoder";
import type { AddedToken } from "../tokenizer";
import type { TokenBuffer } from "../words/tokenBuffer";

/** White space at the sides of tokens. */
export class TokenSpaces {
  readonly #vocabulary: Vocabulary;
  readonly #added: ReadonlySet<number>;
  readonly #known = new Map<number, readonly [leading: number, trailing: number]>();

  constructor(vocabulary: Vocabulary, addedTokens: readonly AddedToken[]) {
    this.#vocabulary = vocabulary;
    this.#added = new Set(addedTokens.map(({ id }) => id));
  }

  /**
   * How many white space characters, Ġ among them, a token begins and ends with: in the vocabulary's string, or, for an added token, in the
   * part of the text that it stands for, with what it took along.
   */
  of(id: number, text: string, start: number, end: number): readonly [leading: number, trailing: number] {
    if (this.#added.has(id)) return sides(text, start, end);
    let known = this.#known.get(id);
    if (known === undefined) {
      const own = this.#vocabulary.text(id) ?? "";
      known = sides(own, 0, own.length);
      this.#known.set(id, known);
    }
    return known;
  }
}

/** How a byte-level vocabulary writes a space. */
const MARK = 0x120;

function isSpace(unit: number): boolean {
  return unit === MARK || contains(SPACES, unit);
}

function sides(text: string, start: number, end: number): readonly [leading: number, trailing: number] {
  let first = start;
  while (first < end && isSpace(text.charCodeAt(first))) first++;
  let last = end;
  while (last > start && isSpace(text.charCodeAt(last - 1))) last--;
  return [first - start, end - last];
}

/**
 * Takes spaces at the sides of tokens out of their places, as ByteLevel's post-processor does, which counts in characters.
 * @param prefixSpace whether a space was put before the text, so that the first token's first one is not the text's.
 */
export function trimOffsets(tokens: TokenBuffer, text: string, spaces: TokenSpaces, prefixSpace: boolean): void {
  const { ids, offsets, count } = tokens;
  for (let i = 0; i < count; i++) {
    const start = offsets[2 * i] as number;
    const end = offsets[2 * i + 1] as number;
    const [leading, trailing] = spaces.of(ids[i] as number, text, start, end);
    if (leading + trailing === 0) continue;
    // One space is the one put before. A token is taken for the first one wherever it begins at 0.
    const kept = leading === 1 && (i === 0 || start === 0) && prefixSpace ? 1 : 0;
    const from = forward(text, start, end, leading - kept);
    offsets[2 * i] = from;
    offsets[2 * i + 1] = backward(text, from, end, trailing);
  }
}

function forward(text: string, start: number, end: number, characters: number): number {
  let at = start;
  for (let left = characters; left > 0 && at < end; left--) at += (text.codePointAt(at) as number) > 0xffff ? 2 : 1;
  return Math.min(at, end);
}

/** Nothing is taken away where the text has not that many characters before `end`. */
function backward(text: string, start: number, end: number, characters: number): number {
  let at = end;
  for (let left = characters; left > 0; left--) {
    if (at <= 0) return end;
    at -= at > 1 && (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 ? 2 : 1;
  }
  return Math.max(at, start);
}
