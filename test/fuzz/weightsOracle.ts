import { gguf } from "@huggingface/gguf";
import type { RowMatrix } from "../../extension/core/weights/matrix";
import { GGML_TYPE } from "../support/weights/gguf";
import type { WeightsCase } from "./weightsCorpus";

/** What is different from what another reader makes of the same file, or undefined. For torch there is none without Python. */
export async function expectMatrix(test: WeightsCase, matrix: RowMatrix): Promise<string | undefined> {
  if (test.format === "safetensors") return differs(matrix, headerPlace(test.bytes, matrix.tensor));
  if (test.format !== "gguf") return undefined;
  const place = await ggufPlace(test.bytes, matrix.tensor).catch(() => "refused" as const);
  // It is stricter with dimensions of other tensors, and less strict with nearly everything else.
  return place === "refused" ? undefined : differs(matrix, place);
}

interface Place {
  readonly dtype: string;
  readonly rows: number;
  readonly columns: number;
  readonly byteOffset: number;
}

function differs(matrix: RowMatrix, place: Place | undefined): string | undefined {
  if (place === undefined) return `the other reader has no ${matrix.tensor}`;
  for (const part of ["dtype", "rows", "columns", "byteOffset"] as const) {
    if (matrix[part] !== place[part]) return `${part} is ${matrix[part]}, but ${place[part]} for the other reader`;
  }
  return undefined;
}

/** By JSON.parse. */
function headerPlace(bytes: Uint8Array, name: string): Place | undefined {
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size))) as Record<string, { dtype: string; shape: [number, number]; data_offsets: [number, number] } | undefined>;
  const entry = header[name];
  if (entry === undefined) return undefined;
  const [rows, columns] = entry.shape;
  return { dtype: entry.dtype, rows, columns, byteOffset: 8 + size + entry.data_offsets[0] };
}

/** By @huggingface/gguf, which fetches ranges. */
async function ggufPlace(bytes: Uint8Array, name: string): Promise<Place | undefined> {
  const serve = (_: unknown, init?: { readonly headers?: unknown }): Promise<Response> => {
    const range = /bytes=(\d+)-(\d+)/.exec((init?.headers as Readonly<Record<string, string>>)["Range"] ?? "");
    const piece = bytes.slice(Number(range?.[1]), Number(range?.[2]) + 1);
    return Promise.resolve(new Response(piece, { headers: { "content-range": `bytes ${range?.[1]}-${range?.[2]}/${bytes.length}` } }));
  };
  const { tensorInfos, tensorDataOffset } = await gguf("https://fuzz.invalid/model.gguf", { fetch: serve });
  const info = tensorInfos.find((tensor) => tensor.name === name);
  if (info === undefined) return undefined;
  const dtype = Object.keys(GGML_TYPE).find((type) => GGML_TYPE[type] === (info.dtype as number)) ?? "";
  return { dtype, rows: Number(info.shape[1]), columns: Number(info.shape[0]), byteOffset: Number(tensorDataOffset + info.offset) };
}
