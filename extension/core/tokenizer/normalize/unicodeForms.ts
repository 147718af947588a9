import { type AlignedText, AlignedTextBuilder, unitBefore } from "./alignedText";
import { CANONICAL, COMBINING_CLASSES, COMPATIBILITY, SECONDS } from "./characterData";
import { type Changed, compose, decompose } from "./composition";
import { CodePointTable, unpackRanges } from "./ranges";

export type UnicodeFormName = "NFC" | "NFD" | "NFKC" | "NFKD";

/**
 * A Unicode normalization form as the Rust library applies it: Unicode 9.0's, each character aligned with the one it was
 * made of. A text that has the form already is returned itself.
 */
export function unicodeForm(name: UnicodeFormName): (source: AlignedText) => AlignedText {
  return (source) => {
    const { text } = source;
    const form = (FORMS[name] ??= createForm(name));
    if (!form.suspicious.test(text)) return source;
    let builder: AlignedTextBuilder | undefined;
    let copied = 0;
    for (let run = nextRun(form, text, 0); run !== undefined; run = nextRun(form, text, run.end)) {
      if (isNormal(form, text, run)) continue;
      const items = normalizeRun(form, text, run);
      if (sameText(text, run, items)) continue;
      builder ??= new AlignedTextBuilder(source);
      builder.copy(copied, run.start);
      putItems(builder, text, run, items);
      copied = run.end;
    }
    builder?.copy(copied, text.length);
    return builder?.finish() ?? source;
  };
}

interface Form {
  readonly compatibility: boolean;
  readonly composed: boolean;
  /** Finds nothing in a text that surely has the form. A string that V8 keeps in Latin-1 is not even looked through. */
  readonly suspicious: RegExp;
  /** What a UTF-16 unit may be: bits of below; a high surrogate has those of all its characters. */
  readonly units: Uint8Array;
}

/** A mark, which must stand in the order of combining classes. */
const MARK = 1;
/** Something the form changes, or that it may compose with what stands before. */
const CHANGING = 2;

const FORMS: Partial<Record<UnicodeFormName, Form>> = {};

const combiningClasses = new CodePointTable(COMBINING_CLASSES);

function createForm(name: UnicodeFormName): Form {
  const compatibility = name.includes("K");
  const composed = name.endsWith("C");
  const units = new Uint8Array(0x10000);
  const mark = (first: number, last: number, bit: number, only: (code: number) => boolean = () => true): void => {
    for (let code = first; code <= last; code++) {
      if (!only(code)) continue;
      const unit = code < 0x10000 ? code : 0xd800 + ((code - 0x10000) >> 10);
      units[unit] = (units[unit] as number) | bit;
    }
  };
  const changes = (code: number): boolean => !composed || changesComposed(code);
  for (const { first, last } of unpackRanges(COMBINING_CLASSES)) mark(first, last, MARK);
  for (const { first, last } of unpackRanges(CANONICAL)) mark(first, last, CHANGING, changes);
  if (compatibility) for (const { first, last } of unpackRanges(COMPATIBILITY)) mark(first, last, CHANGING);
  if (composed) for (const { first, last } of unpackRanges(SECONDS)) mark(first, last, CHANGING);
  else mark(0xac00, 0xd7a3, CHANGING);
  const first = units.findIndex((bits) => bits !== 0);
  return { compatibility, composed, units, suspicious: new RegExp(`[\\u${first.toString(16).padStart(4, "0")}-\\uffff]`) };
}

/** Whether a character with a canonical decomposition is not put together again. */
function changesComposed(code: number): boolean {
  const items = decompose([code], false, combiningClasses);
  const composed = compose(items, combiningClasses);
  return composed.length !== 1 || composed[0]?.code !== code;
}

// ── runs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Suspicious characters in a row and the one before them: what stands outside has no part in what becomes of them. */
interface Run {
  readonly start: number;
  readonly end: number;
}

function nextRun(form: Form, text: string, from: number): Run | undefined {
  const { units } = form;
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (units[unit] === 0 || bitsAt(form, text, at) === 0) continue;
    let end = at;
    while (end < text.length && bitsAt(form, text, end) !== 0) end += widthAt(text, end);
    return { start: Math.max(from, unitBefore(text, at)), end };
  }
  return undefined;
}

function widthAt(text: string, unit: number): number {
  return (text.codePointAt(unit) as number) > 0xffff ? 2 : 1;
}

function bitsAt(form: Form, text: string, unit: number): number {
  const bits = form.units[text.charCodeAt(unit)] as number;
  if (bits === 0) return 0;
  const code = text.codePointAt(unit) as number;
  if (code <= 0xffff) return bits;
  return (bits & MARK && combiningClasses.has(code) ? MARK : 0) | (bits & CHANGING && changesAstral(form, code) ? CHANGING : 0);
}

const canonical = new CodePointTable(CANONICAL);
const compatible = new CodePointTable(COMPATIBILITY);
const seconds = new CodePointTable(SECONDS);

function changesAstral(form: Form, code: number): boolean {
  if (form.compatibility && compatible.has(code)) return true;
  if (canonical.has(code) && (!form.composed || changesComposed(code))) return true;
  return form.composed && seconds.has(code);
}

/** Whether a run has marks only, in their order. */
function isNormal(form: Form, text: string, { start, end }: Run): boolean {
  let last = 0;
  for (let at = start; at < end; at += widthAt(text, at)) {
    const bits = bitsAt(form, text, at);
    if ((bits & CHANGING) !== 0) return false;
    const combining = bits === 0 ? 0 : combiningClasses.get(text.codePointAt(at) as number);
    if (combining !== 0 && combining < last) return false;
    last = combining;
  }
  return true;
}

function normalizeRun({ compatibility, composed }: Form, text: string, { start, end }: Run): readonly Changed[] {
  const codes: number[] = [];
  for (let at = start; at < end; at += widthAt(text, at)) codes.push(text.codePointAt(at) as number);
  const items = decompose(codes, compatibility, combiningClasses);
  return composed ? compose(items, combiningClasses) : items;
}

function sameText(text: string, { start, end }: Run, items: readonly Changed[]): boolean {
  let at = start;
  for (const { code } of items) {
    if (at >= end || text.codePointAt(at) !== code) return false;
    at += code > 0xffff ? 2 : 1;
  }
  return at === end;
}

function putItems(builder: AlignedTextBuilder, text: string, run: Run, items: readonly Changed[]): void {
  let at = run.start;
  for (const { code, change } of items) {
    builder.put(String.fromCodePoint(code), change > 0 ? unitBefore(text, at) : at);
    for (let used = change; used <= 0 && at < run.end; used++) at += widthAt(text, at);
  }
}
