import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { writeGguf } from "../weights/gguf";
import { type GgufPrecision, ggufByteLevel, ggufConfig, ggufTensors } from "./ggufLlama";
import { readLlama } from "./llama";
import { type OnnxPrecision, onnxDecoder } from "./onnxDecoder";

/** The embedded model. */
export const EMBEDDED = path.join("extension", "assets", "model");

const ONNX_NAMES: Readonly<Record<OnnxPrecision, string>> = { fp32: "model_fp32.onnx", fp16: "model_fp16.onnx", bf16: "model.onnx", q4: "model_q4.onnx", q4f16: "model_q4f16.onnx" };

/** Writes a precision of a model folder's weights as `onnx/model….onnx` below `target`, and returns the path. */
export function convertToOnnx(folder: string, target: string, precision: OnnxPrecision): string {
  const file = path.join(target, "onnx", ONNX_NAMES[precision]);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, onnxDecoder(readLlama(folder), { precision }));
  return file;
}

/** Writes a precision of a model folder's weights as a GGUF file, and returns the path. */
export function convertToGguf(folder: string, target: string, precision: GgufPrecision): string {
  const weights = readLlama(folder);
  const metadata = { ...ggufConfig(weights, "Tunesmith tiny"), ...ggufByteLevel(folder) };
  const file = path.join(target, precision === "Q8_0" ? "model.gguf" : `model-${precision}.gguf`);
  mkdirSync(target, { recursive: true });
  writeFileSync(file, writeGguf([...ggufTensors(weights, precision)], { metadata }));
  return file;
}
