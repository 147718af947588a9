/** A stretch of bytes that is not UTF-8. */
export interface InvalidBytes {
  /** Where the replacement character stands in the text, in UTF-16 units. */
  readonly at: number;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** The text of a row, and the way back to its bytes where that is not plain UTF-8 arithmetic. */
export interface DecodedText {
  readonly text: string;
  readonly invalid: readonly InvalidBytes[];
  /** The row's size; left out where the text was never bytes. */
  readonly byteLength?: number;
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const NOTHING_INVALID: readonly InvalidBytes[] = [];

/** How many stretches of invalid bytes of one row are kept. */
export const MAX_INVALID = 1000;

/** Decodes UTF-8. Every maximal invalid stretch becomes one U+FFFD, as the WHATWG decoder has it, and is listed. */
export function decodeUtf8(bytes: Uint8Array): DecodedText {
  try {
    return { text: strict.decode(bytes), invalid: NOTHING_INVALID, byteLength: bytes.length };
  } catch {
    return decodeLossy(bytes);
  }
}

function decodeLossy(bytes: Uint8Array): DecodedText {
  const invalid: InvalidBytes[] = [];
  const pieces: string[] = [];
  let units = 0;
  let from = 0;
  const flush = (end: number): void => {
    if (end === from) return;
    const piece = strict.decode(bytes.subarray(from, end));
    pieces.push(piece);
    units += piece.length;
  };
  for (let at = 0; at < bytes.length; ) {
    const { length, valid } = sequenceAt(bytes, at);
    if (!valid) {
      flush(at);
      if (invalid.length < MAX_INVALID) invalid.push({ at: units, byteOffset: at, byteLength: length });
      pieces.push("\uFFFD");
      units++;
      from = at + length;
    }
    at += length;
  }
  flush(bytes.length);
  return { text: pieces.join(""), invalid, byteLength: bytes.length };
}

/** The well-formed sequence at `at`, or the maximal part of one that stops being well-formed. Source: Unicode, table 3-7. */
function sequenceAt(bytes: Uint8Array, at: number): { readonly length: number; readonly valid: boolean } {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return { length: 1, valid: true };
  const size = lead >= 0xc2 && lead < 0xe0 ? 2 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
  if (size === 0) return { length: 1, valid: false };
  for (let i = 1; i < size; i++) {
    const byte = bytes[at + i] ?? 0;
    const low = i > 1 ? 0x80 : lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = i > 1 ? 0xbf : lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    if (at + i >= bytes.length || byte < low || byte > high) return { length: i, valid: false };
  }
  return { length: size, valid: true };
}
