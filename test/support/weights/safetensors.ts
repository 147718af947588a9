import { ByteWriter, concat } from "./bytes";
import type { TensorData } from "./tensor";

export interface SafetensorsOptions {
  readonly metadata?: Readonly<Record<string, string>>;
  /** Pad the header with spaces to a multiple of this many bytes. 8 when left out, as the reference does; 1 as MLX does. */
  readonly alignment?: number;
}

/** A safetensors file. */
export function writeSafetensors(tensors: readonly TensorData[], { metadata, alignment = 8 }: SafetensorsOptions = {}): Uint8Array {
  const header: Record<string, unknown> = metadata === undefined ? {} : { __metadata__: metadata };
  let at = 0;
  for (const { name, dtype, shape, bytes } of tensors) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] };
    at += bytes.length;
  }
  return safetensorsOf(JSON.stringify(header), concat(...tensors.map(({ bytes }) => bytes)), alignment);
}

/** A file with this header, whatever it says. */
export function safetensorsOf(header: string, data: Uint8Array, alignment = 1): Uint8Array {
  const text = new ByteWriter().text(header).pad(alignment, 0x20).take();
  return new ByteWriter().u64(text.length).bytes(text).bytes(data).take();
}

/** The index of a model in several files, as text. */
export function shardIndex(shards: Readonly<Record<string, readonly TensorData[]>>): string {
  const map: Record<string, string> = {};
  let size = 0;
  for (const [file, tensors] of Object.entries(shards)) {
    for (const { name, bytes } of tensors) {
      map[name] = file;
      size += bytes.length;
    }
  }
  return JSON.stringify({ metadata: { total_size: size }, weight_map: map });
}
