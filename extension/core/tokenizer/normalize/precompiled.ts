import { AlignedTextBuilder, unitBefore } from "./alignedText";
import type { NormalizerStep } from "./characterSteps";
import { type CharacterMap, readCharacterMap } from "./characterMap";

/**
 * SentencePiece's character map as the Rust library applies it: grapheme by grapheme, by the shortest key that a grapheme of less
 * than six bytes begins with, else character by character.
 * @param charsmap the map in base64. Undefined where it cannot be read.
 */
export function precompiled(charsmap: string): NormalizerStep | undefined {
  const map = readCharacterMap(charsmap);
  if (map === undefined) return undefined;
  return (source) => {
    const changes = changesOf(source.text, map);
    if (changes === undefined) return source;
    const { text } = source;
    const builder = new AlignedTextBuilder(source);
    let at = 0;
    for (const { characters, used } of changes) {
      builder.put(characters, used === 0 ? unitBefore(text, at) : at);
      for (let i = 0; i < used; i++) at += widthAt(text, at);
    }
    return builder.finish();
  };
}

/** New characters and how many of the old ones they take. */
interface Change {
  readonly characters: string;
  readonly used: number;
}

/** The changes that make the whole text anew; undefined where the map has none of its characters. */
function changesOf(text: string, map: CharacterMap): readonly Change[] | undefined {
  const changes: Change[] = [];
  const state = { modified: false };
  const change = (part: string): boolean => {
    const mapped = map.get(part);
    if (mapped === undefined) return false;
    state.modified = true;
    replaced(changes, part, mapped);
    return true;
  };
  for (const grapheme of graphemes(text)) {
    if (utf8Length(grapheme) < MAX_KEY_BYTES && change(grapheme)) continue;
    for (const character of grapheme) if (!change(character)) changes.push({ characters: character, used: 1 });
  }
  return state.modified ? changes : undefined;
}

/** The library looks up no longer grapheme. */
const MAX_KEY_BYTES = 6;

/**
 * One new character takes one old one; further new ones take none, further old ones go to the last new one. Where nothing comes of
 * `part`, the character before it takes it; at the start of the text nobody does, and all that follows is aligned with what stands earlier.
 */
function replaced(changes: Change[], part: string, mapped: string): void {
  const olds = Array.from(part).length;
  const news = Array.from(mapped);
  for (const [index, characters] of news.entries()) changes.push({ characters, used: index < olds ? 1 : 0 });
  const last = changes.at(-1);
  if (news.length >= olds || last === undefined) return;
  changes[changes.length - 1] = { characters: last.characters, used: last.used + olds - news.length };
}

/** What may be more than one character of a grapheme: the rest of ASCII stands alone. */
const COMPLEX = /\r\n|(?:[ -~]?[^\0-\x7f]+)+[ -~]?/g;

const segmenter = new Intl.Segmenter("und", { granularity: "grapheme" });

/** Extended grapheme clusters (UAX 29). */
function* graphemes(text: string): Iterable<string> {
  let done = 0;
  for (const { 0: complex, index } of text.matchAll(COMPLEX)) {
    for (; done < index; done++) yield text.charAt(done);
    for (const { segment } of segmenter.segment(complex)) yield segment;
    done = index + complex.length;
  }
  for (; done < text.length; done++) yield text.charAt(done);
}

function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return length;
}

function widthAt(text: string, unit: number): number {
  return (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
}
