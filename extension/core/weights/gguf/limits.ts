// Bounds that hold for every GGUF file. Real ones stay far below: the largest vocabularies make headers of 20 MB with
// 500,000 merges, chat templates have 100 kB, and experts are merged, so that models have a few thousand tensors.

/** Metadata and tensor table together. Everything that is kept comes from here, so that this bounds memory too. */
export const MAX_HEADER_BYTES = 256 * 1024 * 1024;

export const MAX_ENTRIES = 100_000;

export const MAX_TENSORS = 200_000;

/** Of a single text, in bytes. */
export const MAX_STRING_BYTES = 16 * 1024 * 1024;

/** Of a key or a tensor's name, in bytes. Source: the GGUF specification, for keys. */
export const MAX_NAME_BYTES = 65_535;

/** Values of one array. */
export const MAX_ARRAY_LENGTH = 16 * 1024 * 1024;

/** Arrays within arrays. No writer known makes any. */
export const MAX_NESTING = 4;

/** Arrays that stand within arrays, all together. */
export const MAX_NESTED_ARRAYS = 100_000;

/** Source: `GGML_MAX_DIMS`. */
export const MAX_DIMENSIONS = 4;
