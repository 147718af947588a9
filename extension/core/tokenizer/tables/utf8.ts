/** Writes a part of a text as UTF-8, and returns the number of bytes; a lone surrogate as three of its own. */
export function writeUtf8(text: string, from: number, to: number, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = from; i < to; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) {
      bytes[at++] = unit;
      continue;
    }
    const code = (unit & 0xfc00) === 0xd800 && i + 1 < to ? (text.codePointAt(i) as number) : unit;
    if (code < 0x800) bytes[at++] = 0xc0 | (code >> 6);
    else {
      if (code < 0x10000) bytes[at++] = 0xe0 | (code >> 12);
      else {
        bytes[at++] = 0xf0 | (code >> 18);
        bytes[at++] = 0x80 | ((code >> 12) & 63);
        i++;
      }
      bytes[at++] = 0x80 | ((code >> 6) & 63);
    }
    bytes[at++] = 0x80 | (code & 63);
  }
  return at - start;
}

/** How many bytes {@link writeUtf8} writes for a text. */
export function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) i++;
    length += unit < 0x800 ? 1 : 2;
  }
  return length;
}

/** Calls back for each character of `bytes[start, end)`, which {@link writeUtf8} wrote. */
export function eachCodePoint(bytes: Uint8Array, start: number, end: number, take: (code: number) => void): void {
  for (let at = start; at < end; ) {
    const lead = bytes[at++] as number;
    if (lead < 0x80) {
      take(lead);
      continue;
    }
    const more = lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    let code = lead & (0x3f >> more);
    for (let i = 0; i < more; i++) code = (code << 6) | ((bytes[at++] as number) & 63);
    take(code);
  }
}
