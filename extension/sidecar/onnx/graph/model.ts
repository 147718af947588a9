import { inferenceError } from "../../errors";
import { WireWriter, fieldsOf } from "./wire";

/** An input or output of a graph. */
export interface GraphValue {
  readonly name: string;
  /** The code of its element type. */
  readonly type: number;
  /** Its TypeProto, with the shape. */
  readonly typeProto: Uint8Array;
}

/** An ONNX model, taken apart as far as rewriting needs it. Nodes and weights stay bytes. */
export interface OnnxModel {
  /** Everything of the ModelProto but the graph. */
  readonly rest: readonly Uint8Array[];
  readonly nodes: readonly Uint8Array[];
  /** The initializers, and other fields that belong to the weights. */
  readonly weights: readonly Uint8Array[];
  /** Without those that only give an initializer's default. */
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

const GRAPH = 7;

/** @throws TunesmithError `model-unusable` where the bytes are no ONNX model. */
export function readModel(bytes: Uint8Array): OnnxModel {
  const rest: Uint8Array[] = [];
  let graph: Uint8Array | undefined;
  for (const field of fieldsOf(bytes)) {
    if (field.number === GRAPH) graph = field.bytes;
    else rest.push(field.whole);
  }
  if (graph === undefined) throw inferenceError("model-unusable", "The ONNX file has no graph. Download it again.");
  return { rest, ...readGraph(graph) };
}

function readGraph(graph: Uint8Array): Omit<OnnxModel, "rest"> {
  const nodes: Uint8Array[] = [];
  const weights: Uint8Array[] = [];
  const weightNames = new Set<string>();
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  for (const { number, bytes, whole } of fieldsOf(graph)) {
    if (number === 1) nodes.push(whole);
    if (number === 5 || number === 14 || number === 15) weights.push(whole);
    if (number === 5) weightNames.add(textField(bytes, 8));
    if (number === 11) inputs.push(readValue(bytes));
    if (number === 12) outputs.push(readValue(bytes));
  }
  return { nodes, weights, inputs: inputs.filter(({ name }) => !weightNames.has(name)), outputs };
}

function readValue(bytes: Uint8Array): GraphValue {
  const typeProto = subField(bytes, 2);
  let type = 0;
  for (const field of fieldsOf(subField(typeProto, 1))) if (field.number === 1) type = field.value;
  return { name: textField(bytes, 1), type, typeProto };
}

function subField(bytes: Uint8Array, number: number): Uint8Array {
  for (const field of fieldsOf(bytes)) if (field.number === number) return field.bytes;
  return bytes.subarray(0, 0);
}

function textField(bytes: Uint8Array, number: number): string {
  return new TextDecoder().decode(subField(bytes, number));
}

/** The bytes of a model with another graph. */
export function writeModel(rest: readonly Uint8Array[], graph: WireWriter): Uint8Array<ArrayBuffer> {
  const writer = new WireWriter();
  for (const field of rest) writer.copy(field);
  return writer.message(GRAPH, graph).take();
}
