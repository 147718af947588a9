/** GPT-2's alphabet: printable bytes stand for themselves, the others for characters from U+0100 on. */
const UNITS: Uint16Array = alphabet();

function alphabet(): Uint16Array {
  let next = 0x100;
  return Uint16Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
    return printable ? byte : next++;
  });
}

const BYTES: Int16Array = bytesOfUnits();

function bytesOfUnits(): Int16Array {
  const bytes = new Int16Array(Math.max(...UNITS) + 1).fill(-1);
  for (const [byte, unit] of UNITS.entries()) bytes[unit] = byte;
  return bytes;
}

/** The character that a byte is written as, as a UTF-16 unit. */
export function unitOfByte(byte: number): number {
  return UNITS[byte] as number;
}

/** The byte that a UTF-16 unit stands for; -1 where it is not in the alphabet. */
export function byteOfUnit(unit: number): number {
  return unit < BYTES.length ? (BYTES[unit] as number) : -1;
}

/** Bytes as a byte-level vocabulary writes them. */
export function byteLevelText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(unitOfByte(byte));
  return text;
}

/** The bytes that a byte-level token stands for; undefined where it has a character outside the alphabet. */
export function byteLevelBytes(token: string): Uint8Array | undefined {
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = byteOfUnit(token.charCodeAt(i));
    if (byte < 0) return undefined;
    bytes[i] = byte;
  }
  return bytes;
}

/** The token that SentencePiece's byte fallback has for a byte. */
export function byteTokenText(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}
