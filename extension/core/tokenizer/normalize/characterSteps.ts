import { type AlignedText, AlignedTextBuilder } from "./alignedText";
import { CONTROLS, MARKS, NEW_CAPITALS, NONSPACING_MARKS } from "./characterData";
import { CodePointTable, unpackRanges } from "./ranges";
import { unicodeForm } from "./unicodeForms";

/** One step of a normalizer; it returns its argument where it changes nothing. */
export type NormalizerStep = (source: AlignedText) => AlignedText;

/** Replaces each character by others, none or itself; what comes of it is aligned with it. */
function mapCharacters(source: AlignedText, suspicious: RegExp, map: (character: string, code: number) => string): AlignedText {
  const { text } = source;
  let at = text.search(suspicious);
  if (at < 0) return source;
  let builder: AlignedTextBuilder | undefined;
  let copied = 0;
  while (at < text.length) {
    const code = text.codePointAt(at) as number;
    const end = at + (code > 0xffff ? 2 : 1);
    const character = text.slice(at, end);
    const mapped = map(character, code);
    if (mapped !== character) {
      builder ??= new AlignedTextBuilder(source);
      builder.copy(copied, at);
      if (mapped !== "") builder.put(mapped, at);
      copied = end;
    }
    at = end;
  }
  builder?.copy(copied, text.length);
  return builder?.finish() ?? source;
}

const marks = new CodePointTable(MARKS);
const nonspacingMarks = new CodePointTable(NONSPACING_MARKS);
const controls = new CodePointTable(CONTROLS);

/** StripAccents: every mark goes; a composed letter keeps its accent. */
export const stripMarks: NormalizerStep = (source) => mapCharacters(source, /[^\0-\u02ff]/, (character, code) => (marks.has(code) ? "" : character));

let newCapitals: ReadonlyMap<number, string> | undefined;

/** Lowercase, character by character: a capital sigma at the end of a word is no exception. */
export const lowercase: NormalizerStep = (source) => {
  newCapitals ??= new Map(
    unpackRanges(NEW_CAPITALS).flatMap(({ first, last, value }) =>
      Array.from({ length: last - first + 1 }, (_, i): [number, string] => [first + i, String.fromCodePoint(first + i + value)]),
    ),
  );
  const newer = newCapitals;
  return mapCharacters(source, /[A-Z\x80-\uffff]/, (character, code) => newer.get(code) ?? character.toLowerCase());
};

const NMT_REMOVED = /[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]/;
const NMT_SPACE = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/;

/** Nmt: control characters go, everything like a space becomes one. */
export const nmt: NormalizerStep = (source) =>
  mapCharacters(source, /[^ -~]/, (character) => (NMT_REMOVED.test(character) ? "" : NMT_SPACE.test(character) ? " " : character));

/** White space by the Unicode property White_Space. */
export const WHITE_SPACE = "\\t-\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACE_CHARACTER = new RegExp(`[${WHITE_SPACE}]`);

/** BertNormalizer's clean_text. */
export const cleanText: NormalizerStep = (source) =>
  mapCharacters(source, /[^ -~]/, (character, code) => (controls.has(code) ? "" : SPACE_CHARACTER.test(character) ? " " : character));

const nfd = unicodeForm("NFD");

/** BertNormalizer's strip_accents: decomposed, and without the nonspacing marks. */
export const stripAccents: NormalizerStep = (source) =>
  mapCharacters(nfd(source), /[^\0-\u02ff]/, (character, code) => (nonspacingMarks.has(code) ? "" : character));

/** BertNormalizer's handle_chinese_chars: a space on each side of an ideograph. */
export const spaceIdeographs: NormalizerStep = (source) =>
  mapCharacters(source, IDEOGRAPH, (character) => (IDEOGRAPH.test(character) ? ` ${character} ` : character));

const IDEOGRAPH = /[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\u{2f800}-\u{2fa1f}]/u;
