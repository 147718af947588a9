const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/** The bytes that a base64 text stands for; undefined where it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const length = text.endsWith("==") ? text.length - 2 : text.endsWith("=") ? text.length - 1 : text.length;
  if (length % 4 === 1) return undefined;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let bits = 0;
  let have = 0;
  let at = 0;
  for (let i = 0; i < length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return undefined;
    bits = ((bits << 6) | value) & 0xfff;
    have += 6;
    if (have < 8) continue;
    have -= 8;
    bytes[at++] = (bits >>> have) & 0xff;
  }
  return bytes;
}

export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a = 0, b, c] = bytes.subarray(i, i + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += ALPHABET.charAt(bits >>> 18) + ALPHABET.charAt((bits >>> 12) & 63);
    text += (b === undefined ? "=" : ALPHABET.charAt((bits >>> 6) & 63)) + (c === undefined ? "=" : ALPHABET.charAt(bits & 63));
  }
  return text;
}
