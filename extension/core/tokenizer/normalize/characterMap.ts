import { decodeBase64 } from "./base64";

/** What SentencePiece's `precompiled_charsmap` says: strings by the shortest of its keys that a text begins with. */
export interface CharacterMap {
  get(text: string): string | undefined;
}

/** Known maps have 240 kB; more is not one. */
const MAX_MAP_BYTES = 1 << 24;

/**
 * Reads a map: the byte length of a double-array trie in little-endian 32-bit units, the trie, and its strings, each ended by a zero.
 * @param base64 the map as tokenizer.json has it. Undefined where it is damaged.
 */
export function readCharacterMap(base64: string): CharacterMap | undefined {
  const bytes = base64.length > MAX_MAP_BYTES ? undefined : decodeBase64(base64);
  if (bytes === undefined || bytes.length < 4) return undefined;
  const view = new DataView(bytes.buffer);
  const trieLength = view.getUint32(0, true);
  if (trieLength % 4 !== 0 || trieLength > bytes.length - 4 || trieLength === 0) return undefined;
  const trie = Uint32Array.from({ length: trieLength / 4 }, (_, i) => view.getUint32(4 + 4 * i, true));
  const strings = bytes.subarray(4 + trieLength);
  return { get: (text) => stringAt(strings, shortestKey(trie, utf8.encode(text))) };
}

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();

/** The value of the shortest key; the units' layout is that of the Darts library. */
function shortestKey(trie: Uint32Array, bytes: Uint8Array): number | undefined {
  let node = offsetOf(trie[0] as number);
  for (const byte of bytes) {
    if (byte === 0) return undefined;
    node ^= byte;
    const unit = trie[node];
    if (unit === undefined || (unit & 0x800000ff) >>> 0 !== byte) return undefined;
    node ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) return (trie[node] ?? 0) & 0x7fffffff;
  }
  return undefined;
}

function offsetOf(unit: number): number {
  return (unit >>> 10) << ((unit & 0x200) >>> 6);
}

function stringAt(strings: Uint8Array, start: number | undefined): string | undefined {
  if (start === undefined) return undefined;
  const end = strings.indexOf(0, start);
  return fromUtf8.decode(strings.subarray(start, end < 0 ? strings.length : end));
}
