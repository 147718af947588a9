import type { RandomAccess } from "../../extension/core/io/ports";

/** A file in memory. */
export function memoryFile(content: string | Uint8Array): RandomAccess {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    read: (offset, target) => {
      const piece = bytes.subarray(Math.min(offset, bytes.length), Math.min(offset + target.length, bytes.length));
      target.set(piece);
      return Promise.resolve(piece.length);
    },
    allocate: (size) => new Uint8Array(size),
    unchanged: () => Promise.resolve(true),
    close: () => Promise.resolve(),
  };
}
