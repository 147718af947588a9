import { specNumber, valueError } from "./spec";

/** What `str.format` finds in a format string; positions are UTF-16 units. */
export type FormatPart =
  | { readonly kind: "literal"; readonly start: number; readonly end: number }
  | { readonly kind: "field"; readonly name: string; readonly conversion: string | undefined; readonly spec: string };

/** The literal texts and replacement fields, in order. @throws JinjaError ValueError, when it comes to what is wrong */
export function* formatParts(format: string): Generator<FormatPart> {
  let at = 0;
  while (at < format.length) {
    const brace = nextBrace(format, at);
    if (brace < 0) {
      yield { kind: "literal", start: at, end: format.length };
      return;
    }
    const char = format.charAt(brace);
    const doubled = format.charAt(brace + 1) === char;
    if (char === "}" && !doubled) throw valueError("Single '}' encountered in format string");
    if (brace + 1 >= format.length) throw valueError("Single '{' encountered in format string");
    if (doubled) {
      yield { kind: "literal", start: at, end: brace + 1 };
      at = brace + 2;
      continue;
    }
    const { field, end } = readField(format, brace + 1);
    if (brace > at) yield { kind: "literal", start: at, end: brace };
    yield field;
    at = end;
  }
}

function nextBrace(format: string, from: number): number {
  const open = format.indexOf("{", from);
  const close = format.indexOf("}", from);
  return open < 0 || close < 0 ? Math.max(open, close) : Math.min(open, close);
}

interface Read {
  readonly field: FormatPart;
  readonly end: number;
}

function readField(format: string, start: number): Read {
  const stop = endOfName(format, start);
  const name = format.slice(start, stop);
  const char = format.charAt(stop);
  if (char === "") throw valueError("expected '}' before end of string");
  if (char === "}") return { field: { kind: "field", name, conversion: undefined, spec: "" }, end: stop + 1 };
  if (char === ":") return readSpec(format, stop + 1, name, undefined);
  if (stop + 1 >= format.length) throw valueError("end of string while looking for conversion specifier");
  const conversion = String.fromCodePoint(format.codePointAt(stop + 1) as number);
  const behind = stop + 1 + conversion.length;
  if (format.charAt(behind) === "}") return { field: { kind: "field", name, conversion, spec: "" }, end: behind + 1 };
  if (behind < format.length && format.charAt(behind) !== ":") throw valueError("expected ':' after conversion specifier");
  return readSpec(format, behind + 1, name, conversion);
}

/** Where `}`, `:` or `!` ends a field name, outside of brackets; the format's length where nothing does. */
function endOfName(format: string, start: number): number {
  let bracket = false;
  for (let at = start; at < format.length; at++) {
    const char = format.charAt(at);
    if (bracket) bracket = char !== "]";
    else if (char === "{") throw valueError("unexpected '{' in field name");
    else if (char === "[") bracket = true;
    else if (char === "}" || char === ":" || char === "!") return at;
  }
  return format.length;
}

function readSpec(format: string, start: number, name: string, conversion: string | undefined): Read {
  let depth = 1;
  for (let at = start; at < format.length; at++) {
    const char = format.charAt(at);
    if (char === "{") depth++;
    else if (char === "}" && --depth === 0) return { field: { kind: "field", name, conversion, spec: format.slice(start, at) }, end: at + 1 };
  }
  throw valueError("unmatched '{' in format spec");
}

/** A step from a value to a part of it: `.name` or `[key]`. */
export type Access = { readonly kind: "attribute"; readonly name: string } | { readonly kind: "item"; readonly key: string | number };

/** `0.name[key]` taken apart; numbers are positions. The rest is read only as it is asked for, as are its errors. */
export function splitFieldName(name: string): { readonly first: string | number; readonly rest: Iterable<Access> } {
  const end = /[.[]/.exec(name)?.index ?? name.length;
  return { first: numberOrName(name.slice(0, end)), rest: accesses(name, end) };
}

function* accesses(name: string, start: number): Generator<Access> {
  let at = start;
  while (at < name.length) {
    const char = name.charAt(at++);
    if (char === ".") {
      const end = at + (/^[^.[]*/.exec(name.slice(at))?.[0].length ?? 0);
      if (end === at) throw valueError("Empty attribute in format string");
      yield { kind: "attribute", name: name.slice(at, end) };
      at = end;
    } else if (char === "[") {
      const end = name.indexOf("]", at);
      if (end < 0) throw valueError("Missing ']' in format string");
      if (end === at) throw valueError("Empty attribute in format string");
      yield { kind: "item", key: numberOrName(name.slice(at, end)) };
      at = end + 1;
    } else throw valueError("Only '.' or '[' may follow ']' in format field specifier");
  }
}

function numberOrName(text: string): string | number {
  return /^[0-9]+$/.test(text) ? specNumber(text) : text;
}
