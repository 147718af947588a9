import { JinjaError } from "../../errors";
import { countWork } from "../../value/budget";

/** The encodings that a template may reasonably name: UTF-8, -16 and -32, ASCII and Latin-1, with CPython's error handlers. */
interface Codec {
  /** The name in messages. */
  readonly name: string;
  /** Code points from here on have no encoding. */
  readonly limit: number;
  readonly problem: string;
  encode(code: number, into: number[]): void;
}

function utf8(code: number, into: number[]): void {
  if (code < 0x80) into.push(code);
  else if (code < 0x800) into.push(0xc0 | (code >> 6), 0x80 | (code & 63));
  else if (code < 0x10000) into.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  else into.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
}

function word(value: number, size: 2 | 4, little: boolean, into: number[]): void {
  for (let at = 0; at < size; at++) into.push((value >>> (8 * (little ? at : size - 1 - at))) & 255);
}

function utf16(little: boolean): Codec["encode"] {
  return (code, into) => {
    for (const unit of String.fromCodePoint(code).split("")) word(unit.charCodeAt(0), 2, little, into);
  };
}

function utf32(little: boolean): Codec["encode"] {
  return (code, into) => word(code, 4, little, into);
}

function unicodeCodec(name: string, encode: Codec["encode"]): Codec {
  return { name, limit: 0x110000, problem: "surrogates not allowed", encode };
}

function byteCodec(name: string, limit: number): Codec {
  return { name, limit, problem: `ordinal not in range(${limit})`, encode: (code, into) => void into.push(code) };
}

const CODECS: readonly (readonly [aliases: string, codec: Codec])[] = [
  ["utf-8 utf8 u8 cp65001", unicodeCodec("utf-8", utf8)],
  ["ascii us-ascii 646 iso646-us", byteCodec("ascii", 128)],
  ["latin-1 latin1 latin l1 iso-8859-1 iso8859-1 8859 cp819", byteCodec("latin-1", 256)],
  ["utf-16 utf16 u16", unicodeCodec("utf-16", utf16(true))],
  ["utf-16-le utf-16le", unicodeCodec("utf-16-le", utf16(true))],
  ["utf-16-be utf-16be", unicodeCodec("utf-16-be", utf16(false))],
  ["utf-32 utf32 u32", unicodeCodec("utf-32", utf32(true))],
  ["utf-32-le utf-32le", unicodeCodec("utf-32-le", utf32(true))],
  ["utf-32-be utf-32be", unicodeCodec("utf-32-be", utf32(false))],
];

function codecOf(encoding: string): Codec {
  const name = encoding.toLowerCase().replace(/[ _]/g, "-");
  const found = CODECS.find(([aliases]) => aliases.split(" ").includes(name));
  if (found === undefined) throw new JinjaError("LookupError", `unknown encoding: ${encoding}`);
  return found[1];
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

/** `\xe9`, `\u20ac` or `\U0001f600` */
export function escapeCode(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}

// ── encoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `text.encode(encoding, errors)`. @throws JinjaError LookupError, UnicodeEncodeError */
export function encodeText(text: string, encoding: string, errors: string): readonly number[] {
  const codec = codecOf(encoding);
  countWork(5 * text.length);
  const codes = Array.from(text, (character) => character.codePointAt(0) as number);
  const bytes: number[] = [];
  if (codec.name === "utf-16" || codec.name === "utf-32") codec.encode(0xfeff, bytes);
  const fails = (code: number): boolean => code >= codec.limit || (codec.limit === 0x110000 && isSurrogate(code));
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    if (!fails(code)) {
      codec.encode(code, bytes);
      continue;
    }
    let end = at + 1;
    while (end < codes.length && fails(codes[end] as number)) end++;
    encodeFailing(codec, codes.slice(at, end), at, errors, bytes);
    at = end - 1;
  }
  return bytes;
}

function encodeFailing(codec: Codec, codes: readonly number[], start: number, errors: string, into: number[]): void {
  const strict = (): JinjaError => {
    const place = `position ${start}${codes.length > 1 ? `-${start + codes.length - 1}` : ""}`;
    const what = codes.length > 1 ? "characters" : `character '${escapeCode(codes[0] as number)}'`;
    return new JinjaError("UnicodeEncodeError", `'${codec.name}' codec can't encode ${what} in ${place}: ${codec.problem}`);
  };
  for (const code of codes) {
    if (errors === "surrogateescape" && code >= 0xdc80 && code <= 0xdcff) into.push(code - 0xdc00);
    else if (errors === "surrogatepass" && isSurrogate(code) && codec.limit === 0x110000) codec.encode(code, into);
    else for (const replacement of replacementOf(code, errors, strict)) codec.encode(replacement.charCodeAt(0), into);
  }
}

function replacementOf(code: number, errors: string, strict: () => JinjaError): string {
  switch (errors) {
    case "ignore":
      return "";
    case "replace":
      return "?";
    case "xmlcharrefreplace":
      return `&#${code};`;
    case "backslashreplace":
      return escapeCode(code);
    case "strict":
    case "surrogateescape":
    case "surrogatepass":
      throw strict();
    default:
      throw new JinjaError("LookupError", `unknown error handler name '${errors}'`);
  }
}

// ── decoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** `bytes.decode(encoding, errors)`. @throws JinjaError LookupError, UnicodeDecodeError */
export function decodeBytes(bytes: readonly number[], encoding: string, errors: string): string {
  countWork(3 * bytes.length);
  const codec = codecOf(encoding);
  let text = "";
  let at = 0;
  while (at < bytes.length) {
    const step = codec.name.startsWith("utf-8") ? utf8Step(bytes, at) : codec.limit <= 256 ? byteStep(codec, bytes, at) : wordStep(codec.name, bytes, at);
    if (step.code !== undefined) text += step.code === 0xfeff && at === 0 && /^utf-(16|32)$/.test(codec.name) ? "" : String.fromCodePoint(step.code);
    else text += decodeFailing(codec.name, bytes.slice(at, at + step.length), at, step.problem, errors);
    at += step.length;
  }
  return text;
}

interface Step {
  readonly code?: number;
  readonly length: number;
  readonly problem: string;
}

function byteStep(codec: Codec, bytes: readonly number[], at: number): Step {
  const byte = bytes[at] as number;
  return byte < codec.limit ? { code: byte, length: 1, problem: "" } : { length: 1, problem: codec.problem };
}

function wordStep(name: string, bytes: readonly number[], at: number): Step {
  const size = name.startsWith("utf-16") ? 2 : 4;
  const read = (from: number): number | undefined => {
    if (from + size > bytes.length) return undefined;
    const part = bytes.slice(from, from + size);
    return (name.endsWith("be") ? part : part.reverse()).reduce((sum, byte) => sum * 256 + byte, 0);
  };
  const code = read(at);
  if (code === undefined) return { length: bytes.length - at, problem: "truncated data" };
  const low = size === 2 && code >= 0xd800 && code <= 0xdbff ? read(at + 2) : undefined;
  if (low !== undefined && low >= 0xdc00 && low <= 0xdfff) return { code: 0x10000 + (code - 0xd800) * 0x400 + low - 0xdc00, length: 4, problem: "" };
  return code > 0x10ffff || isSurrogate(code) ? { length: size, problem: "illegal encoding" } : { code, length: size, problem: "" };
}

function utf8Step(bytes: readonly number[], at: number): Step {
  const lead = bytes[at] as number;
  if (lead < 0x80) return { code: lead, length: 1, problem: "" };
  const length = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (length === 0) return { length: 1, problem: "invalid start byte" };
  let code = lead & (0xff >> (length + 1));
  for (let done = 1; done < length; done++) {
    const byte = bytes[at + done];
    if (byte === undefined) return { length: done, problem: "unexpected end of data" };
    if ((byte & 0xc0) !== 0x80 || (done === 1 && !isSecondByte(lead, byte))) return { length: done, problem: "invalid continuation byte" };
    code = (code << 6) | (byte & 63);
  }
  return { code, length, problem: "" };
}

/** No overlong forms, no surrogates, nothing above U+10FFFF. */
function isSecondByte(lead: number, byte: number): boolean {
  if (lead === 0xe0) return byte >= 0xa0;
  if (lead === 0xed) return byte < 0xa0;
  if (lead === 0xf0) return byte >= 0x90;
  return lead !== 0xf4 || byte < 0x90;
}

function decodeFailing(name: string, bytes: readonly number[], start: number, problem: string, errors: string): string {
  switch (errors) {
    case "ignore":
      return "";
    case "replace":
      return "\ufffd";
    case "backslashreplace":
      return bytes.map(escapeCode).join("");
    case "surrogateescape":
      return String.fromCharCode(...bytes.map((byte) => 0xdc00 + byte));
    case "strict":
      break;
    default:
      throw new JinjaError("LookupError", `unknown error handler name '${errors}'`);
  }
  const what = bytes.length > 1 ? "bytes" : `byte 0x${(bytes[0] as number).toString(16).padStart(2, "0")}`;
  const place = `position ${start}${bytes.length > 1 ? `-${start + bytes.length - 1}` : ""}`;
  throw new JinjaError("UnicodeDecodeError", `'${name}' codec can't decode ${what} in ${place}: ${problem}`);
}
