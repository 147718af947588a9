import { WireWriter } from "./wire";

// Field numbers and codes are those of onnx.proto.

/** The element types by their codes. */
export const ELEMENT = { float: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10, bfloat16: 16 } as const;

export type ElementType = keyof typeof ELEMENT;

/** A value of an attribute: a number with a fraction is written as `{ float }`, since 1 could be either. */
export type Attribute = number | readonly number[] | string | { readonly float: number } | { readonly graph: WireWriter };

export interface NodeOptions {
  readonly name?: string;
  /** `com.microsoft` for ONNX Runtime's own operators. */
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, Attribute>>;
}

/** A NodeProto. An input that is left out is the empty string. */
export function node(operator: string, inputs: readonly string[], outputs: readonly string[], { name, domain, attributes = {} }: NodeOptions = {}): WireWriter {
  const writer = new WireWriter();
  for (const input of inputs) writer.text(1, input);
  for (const output of outputs) writer.text(2, output);
  writer.text(3, name ?? `${operator}/${outputs[0] ?? ""}`).text(4, operator);
  for (const [key, value] of Object.entries(attributes)) writer.message(5, attribute(key, value));
  if (domain !== undefined) writer.text(7, domain);
  return writer;
}

function attribute(name: string, value: Attribute): WireWriter {
  const writer = new WireWriter().text(1, name);
  if (typeof value === "number") return writer.integer(3, value).integer(20, 2);
  if (typeof value === "string") return writer.text(4, value).integer(20, 3);
  if ("float" in value) return writer.float(2, value.float).integer(20, 1);
  if ("graph" in value) return writer.message(6, value.graph).integer(20, 5);
  for (const item of value) writer.integer(8, item);
  return writer.integer(20, 7);
}

/** A ValueInfoProto. A dimension is a number or a name; without a shape, any will do. */
export function valueInfo(name: string, type: number, shape?: readonly (number | string)[]): WireWriter {
  const tensorType = new WireWriter().integer(1, type);
  if (shape !== undefined) {
    const dimensions = new WireWriter();
    for (const size of shape) dimensions.message(1, typeof size === "number" ? new WireWriter().integer(1, size) : new WireWriter().text(2, size));
    tensorType.message(2, dimensions);
  }
  return new WireWriter().text(1, name).message(2, new WireWriter().message(1, tensorType));
}

/** Where the bytes of a tensor stand in a file beside the model. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A TensorProto. @param data little-endian values, or where they stand. */
export function tensorProto(name: string, type: ElementType, dimensions: readonly number[], data: Uint8Array | ExternalData): WireWriter {
  const writer = new WireWriter();
  for (const size of dimensions) writer.integer(1, size);
  writer.integer(2, ELEMENT[type]).text(8, name);
  if (data instanceof Uint8Array) return writer.bytes(9, data);
  for (const [key, value] of Object.entries(data)) writer.message(13, new WireWriter().text(1, key).text(2, String(value)));
  return writer.integer(14, 1);
}

/** A tensor of 64-bit integers. */
export function int64Tensor(name: string, dimensions: readonly number[], values: readonly number[]): WireWriter {
  return tensorProto(name, "int64", dimensions, new Uint8Array(BigInt64Array.from(values, BigInt).buffer));
}
