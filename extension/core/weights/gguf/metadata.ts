import type { StringColumn } from "./strings";

export type GgufNumberType = "u8" | "i8" | "u16" | "i16" | "u32" | "i32" | "f32" | "u64" | "i64" | "f64";

export type GgufNumbers = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | BigUint64Array | BigInt64Array | Float64Array;

export type GgufArray =
  | { readonly type: "array"; readonly of: "string"; readonly value: StringColumn }
  /** One byte a value; anything but 0 is true. */
  | { readonly type: "array"; readonly of: "bool"; readonly value: Uint8Array }
  | { readonly type: "array"; readonly of: GgufNumberType; readonly value: GgufNumbers }
  | { readonly type: "array"; readonly of: "array"; readonly value: readonly GgufArray[] };

/** A value of a GGUF file's metadata. */
export type GgufValue =
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: Exclude<GgufNumberType, "u64" | "i64">; readonly value: number }
  | { readonly type: "u64" | "i64"; readonly value: bigint }
  /** An array that was passed over, because the caller did not ask for it. */
  | { readonly type: "skipped"; readonly of: GgufArray["of"]; readonly length: number }
  | GgufArray;

export type GgufMetadata = ReadonlyMap<string, GgufValue>;

/** The text under `key`, or undefined where there is none or it is no text: `tokenizer.chat_template`. */
export function metadataText(metadata: GgufMetadata, key: string): string | undefined {
  const entry = metadata.get(key);
  return entry?.type === "string" ? entry.value : undefined;
}

/** The number under `key` whatever its type, or undefined: `tokenizer.ggml.bos_token_id`. */
export function metadataNumber(metadata: GgufMetadata, key: string): number | undefined {
  const entry = metadata.get(key);
  if (entry === undefined || !("value" in entry)) return undefined;
  return typeof entry.value === "number" || typeof entry.value === "bigint" ? Number(entry.value) : undefined;
}

/** The boolean under `key`, or undefined: `tokenizer.ggml.add_bos_token`. */
export function metadataBoolean(metadata: GgufMetadata, key: string): boolean | undefined {
  const entry = metadata.get(key);
  return entry?.type === "bool" ? entry.value : undefined;
}

/** The texts under `key`, or undefined: `tokenizer.ggml.tokens`, `tokenizer.ggml.merges`. They are not copied. */
export function metadataTexts(metadata: GgufMetadata, key: string): StringColumn | undefined {
  const entry = metadata.get(key);
  return entry?.type === "array" && entry.of === "string" ? entry.value : undefined;
}

/** The numbers under `key`, or undefined: `tokenizer.ggml.scores`, `tokenizer.ggml.token_type`. They are not copied. */
export function metadataNumbers(metadata: GgufMetadata, key: string): Exclude<GgufNumbers, BigUint64Array | BigInt64Array> | undefined {
  const entry = metadata.get(key);
  if (entry?.type !== "array" || entry.of === "string" || entry.of === "array" || entry.of === "bool") return undefined;
  return entry.value instanceof BigUint64Array || entry.value instanceof BigInt64Array ? undefined : entry.value;
}
