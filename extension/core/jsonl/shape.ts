import type { RandomAccess } from "../io/ports";
import type { CancelSignal } from "../../base/cancellation";
import { bomLength, type FileShape } from "./rows";
import { decodeUtf8 } from "./utf8";

/** How much of a file is looked at to tell its shape. */
export const SNIFF_BYTES = 1024 * 1024;

/** What a file is at first sight. */
export type Sniff =
  | { readonly kind: "rows"; readonly shape: FileShape; readonly bom: boolean }
  /** Nothing but white space. */
  | { readonly kind: "empty" }
  /** Not a text file; `what` names it for people. */
  | { readonly kind: "binary"; readonly what: string };

const MAGIC: readonly { readonly what: string; readonly bytes: readonly number[] }[] = [
  { what: "a UTF-32 text", bytes: [0xff, 0xfe, 0, 0] },
  { what: "a UTF-16 text", bytes: [0xff, 0xfe] },
  { what: "a UTF-16 text", bytes: [0xfe, 0xff] },
  { what: "a gzip archive", bytes: [0x1f, 0x8b] },
  { what: "a zip archive", bytes: [0x50, 0x4b, 3, 4] },
  { what: "a Zstandard archive", bytes: [0x28, 0xb5, 0x2f, 0xfd] },
  { what: "a Parquet file", bytes: [0x50, 0x41, 0x52, 0x31] },
  { what: "an Arrow file", bytes: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31] },
  { what: "a SQLite database", bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20] },
  { what: "a GGUF model", bytes: [0x47, 0x47, 0x55, 0x46] },
  { what: "a PDF document", bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { what: "a PNG image", bytes: [0x89, 0x50, 0x4e, 0x47] },
];

/** More than one NUL in this many bytes is no text. A stray NUL is left to the JSON parser, which says where it is. */
const BYTES_PER_NUL = 10;

/** Looks at the beginning of a file. `plain` shapes are never guessed: only the caller knows that a file is plain text. */
export async function sniffFile(file: RandomAccess, signal?: CancelSignal): Promise<Sniff> {
  const head = new Uint8Array(Math.min(SNIFF_BYTES, file.size));
  const read = await file.read(0, head, signal);
  return sniff(head.subarray(0, read), read >= file.size);
}

/** The same for bytes; `whole` says that they are all there is. */
export function sniff(head: Uint8Array, whole: boolean): Sniff {
  const magic = MAGIC.find(({ bytes }) => bytes.every((byte, i) => head[i] === byte));
  if (magic !== undefined) return { kind: "binary", what: magic.what };
  let nuls = 0;
  for (let i = 0; i < head.length && i < 8192; i++) if (head[i] === 0) nuls++;
  if (nuls > 1 && nuls > Math.min(head.length, 8192) / BYTES_PER_NUL) return { kind: "binary", what: "a binary file" };
  const bom = bomLength(head);
  const text = decodeUtf8(head.subarray(bom)).text;
  if (whole && /^[ \t\r\n]*$/.test(text)) return { kind: "empty" };
  return { kind: "rows", shape: shapeOf(text, whole), bom: bom > 0 };
}

/** How many lines are looked at to tell a file of rows from one value written over many lines. */
const LINES_TO_TRY = 50;

/** Tells the shape from the beginning of a text. */
export function shapeOf(text: string, whole: boolean): Exclude<FileShape, "plain"> {
  const lines = text.split(/\r\n|\n|\r/, LINES_TO_TRY).filter((line) => line.trim() !== "");
  const first = lines[0]?.trim() ?? "";
  const only = lines.length === 1 && whole;
  if (first.startsWith("[")) return !only && parses(first) ? "lines" : "array";
  if (!first.startsWith("{") || parses(first)) return "lines";
  // A row in the first column that stands for itself: this is JSON Lines whose first row is broken.
  if (lines.slice(1).some((line) => line.startsWith("{") && line.trim() !== "{" && parses(line))) return "lines";
  if (lines.length === 1) return /^\{.*\}\s*\{/.test(first) && concatenated(first) ? "values" : "lines";
  return /[{[,:]$/.test(first) || concatenated(first) ? "values" : "lines";
}

/** How many closing braces are tried as the end of a first object; each try parses the text up to it. */
const ENDS_TO_TRY = 100;

/** Whether a line is several JSON objects, one behind the other. */
function concatenated(line: string): boolean {
  let at = line.indexOf("}");
  for (let tries = 0; at !== -1 && tries < ENDS_TO_TRY; tries++, at = line.indexOf("}", at + 1)) {
    if (parses(line.slice(0, at + 1))) return line.slice(at + 1).trimStart().startsWith("{");
  }
  return false;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
