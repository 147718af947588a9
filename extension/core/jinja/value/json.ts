import type { JsonValue } from "../../dataset/conversation";
import { pointerTo } from "../../jsonl/pointer";
import type { JsonTree, NodeId } from "../../jsonl/tree";
import { JinjaError, JinjaLimitError } from "../errors";
import { MAX_VALUE_DEPTH } from "../runtime/limits";
import { asText } from "../text/arguments";
import { countWork } from "./budget";
import { lessThan } from "./compare";
import { JsonWriter } from "./container/jsonWriter";
import { enterContainer, leaveContainer } from "./container/nesting";
import { sortedBy } from "./container/sorting";
import { hashKey } from "./hash";
import { binary } from "./number";
import { normalise } from "./numeric/integer";
import { iterate } from "./protocol";
import { formatFloat, formatInteger } from "./repr";
import type { Piece, Str } from "./text";
import { concatText, traced, Traced } from "./text";
import type { HashKey, Value } from "./types";
import { isList, PyDict, PyFloat, PyTuple, typeName } from "./types";

/** The arguments of `json.dumps`; None and undefined are the defaults of `indent` and `separators`. */
export interface JsonOptions {
  readonly indent?: Value;
  readonly separators?: Value;
  readonly sortKeys?: boolean;
  /** False unless given, as in the `tojson` of chat templates. */
  readonly ensureAscii?: boolean;
}

interface Layout {
  readonly writer: JsonWriter;
  readonly comma: Value;
  readonly colon: Value;
  readonly sortKeys: boolean;
  /** One level of indentation, or undefined for everything on one line. */
  readonly indent: Str | undefined;
  /** Line breaks by level. */
  readonly breaks: Str[];
}

/**
 * `json.dumps(value, …)`. Characters of traced texts keep their origin; escapes derive from the character they stand for.
 * @throws JinjaError TypeError, ValueError, OverflowError, UndefinedError, as Python
 */
export function jsonDumps(value: Value, options: JsonOptions = {}): Str {
  const writer = new JsonWriter(options.ensureAscii ?? false);
  const [comma, colon] = separatorsOf(options);
  const text = asText(value);
  if (text !== undefined) {
    writer.addString(text);
    return writer.finish();
  }
  const indent = indentOf(options.indent);
  if (indent === undefined) checkSeparators(comma, colon);
  const layout: Layout = { writer, comma, colon, sortKeys: options.sortKeys ?? false, indent, breaks: [] };
  write(layout, value, 0);
  return writer.finish();
}

function separatorsOf({ separators, indent }: JsonOptions): readonly [Value, Value] {
  if (separators === undefined || separators === null) return [indent === undefined || indent === null ? ", " : ",", ": "];
  const given = unpackable(separators);
  const [comma, colon] = given;
  if (given.length > 2) throw new JinjaError("ValueError", "too many values to unpack (expected 2)");
  if (comma === undefined || colon === undefined) {
    throw new JinjaError("ValueError", `not enough values to unpack (expected 2, got ${given.length})`);
  }
  return [comma, colon];
}

/** The first three elements: a third one is one too many. */
function unpackable(value: Value): Value[] {
  const elements: Value[] = [];
  try {
    for (const element of iterate(value)) if (elements.push(element) > 2) break;
  } catch (error) {
    if (!(error instanceof JinjaError) || error.type !== "TypeError" || elements.length > 0) throw error;
    throw new JinjaError("TypeError", `cannot unpack non-iterable ${typeName(value)} object`);
  }
  return elements;
}

/** CPython's encoder for texts on one line wants texts from the start; the other one fails where it uses them. */
function checkSeparators(comma: Value, colon: Value): void {
  for (const [position, separator] of [
    [5, colon],
    [6, comma],
  ] as const) {
    if (asText(separator) !== undefined) continue;
    const name = separator === null ? "None" : typeName(separator);
    throw new JinjaError("TypeError", `make_encoder() argument ${position} must be str, not ${name}`);
  }
}

/** The separator as a text. @throws JinjaError TypeError */
function commaOf({ comma, breaks }: Layout, level: number): Str {
  return asText(comma) ?? (binary("+", comma, breaks[level] ?? "") as Str);
}

/** The separator as a text. CPython joins the pieces in the end, so that it counts them; this is the first dict's count. */
function colonOf({ colon }: Layout): Str {
  const text = asText(colon);
  if (text === undefined) throw new JinjaError("TypeError", `sequence item 3: expected str instance, ${typeName(colon)} found`);
  return text;
}

function indentOf(indent: Value | undefined): Str | undefined {
  if (indent === undefined || indent === null) return undefined;
  return asText(indent) ?? (binary("*", " ", indent) as Str);
}

function write(layout: Layout, value: Value, level: number): void {
  countWork(1);
  const { writer } = layout;
  const text = asText(value);
  if (text !== undefined) writer.addString(text);
  else if (isList(value)) writeArray(layout, value, level);
  else if (value instanceof PyDict) writeObject(layout, value, level);
  else if (value instanceof PyTuple) writeArray(layout, value.items, level);
  else {
    const scalar = scalarText(value);
    if (scalar === undefined) throw new JinjaError("TypeError", `Object of type ${typeName(value)} is not JSON serializable`);
    writer.add(scalar);
  }
}

function scalarText(value: Value): string | undefined {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number" || typeof value === "bigint") return formatInteger(value);
  return value instanceof PyFloat ? floatText(value.value) : undefined;
}

/** JSON has no word for these; Python writes JavaScript's. */
function floatText(value: number): string {
  return Number.isFinite(value) ? formatFloat(value) : String(value);
}

function writeArray(layout: Layout, items: readonly Value[], level: number): void {
  const { writer } = layout;
  if (items.length === 0) {
    writer.add("[]");
    return;
  }
  enterContainer(items.length);
  try {
    writer.add("[");
    const comma = commaOf(layout, level + 1);
    for (const [at, item] of items.entries()) {
      if (at > 0) writer.add(comma);
      breakLine(layout, level + 1);
      write(layout, item, level + 1);
    }
    breakLine(layout, level);
    writer.add("]");
  } finally {
    leaveContainer();
  }
}

function writeObject(layout: Layout, dict: PyDict, level: number): void {
  const { writer } = layout;
  if (dict.entries.size === 0) {
    writer.add("{}");
    return;
  }
  enterContainer(dict.entries.size);
  try {
    writer.add("{");
    const [comma, colon] = [commaOf(layout, level + 1), colonOf(layout)];
    let first = true;
    for (const { key, value } of layout.sortKeys ? byKey(dict) : dict.entries.values()) {
      if (!first) writer.add(comma);
      first = false;
      breakLine(layout, level + 1);
      writer.addString(keyText(key));
      writer.add(colon);
      write(layout, value, level + 1);
    }
    breakLine(layout, level);
    writer.add("}");
  } finally {
    leaveContainer();
  }
}

function byKey(dict: PyDict): readonly { readonly key: Value; readonly value: Value }[] {
  const { size } = dict.entries;
  countWork(2 * size * Math.ceil(Math.log2(size + 1)));
  return sortedBy([...dict.entries.values()], (a, b) => lessThan(a.key, b.key, "<"));
}

function keyText(key: Value): Str {
  const text = asText(key) ?? scalarText(key);
  if (text === undefined) throw new JinjaError("TypeError", `keys must be str, int, float, bool or None, not ${typeName(key)}`);
  return text;
}

function breakLine({ writer, indent, breaks }: Layout, level: number): void {
  if (indent === undefined) return;
  breaks[level] ??= concatText(["\n", ...new Array<Str>(level).fill(indent)]);
  writer.add(breaks[level]);
}

/**
 * What `JSON.parse` gives, as Python values. As JavaScript does not tell 1 from 1.0, integral numbers are `int`; from 1e21
 * on they are `float`, since that is where JSON texts go over to exponents. Members whose names are integers come first,
 * as in JavaScript. {@link fromJsonTree} has neither fault.
 * @param pointer Where the value stands in the input, when texts are to know where they come from
 * @throws JinjaLimitError for values that nest too deep
 */
export function fromJson(value: JsonValue, pointer?: string): Value {
  return convert(value, pointer, 0);
}

function convert(value: JsonValue, pointer: string | undefined, depth: number): Value {
  switch (typeof value) {
    case "string":
      return pointer === undefined ? value : traced(value, { kind: "data", pointer });
    case "number":
      return convertNumber(value);
    case "boolean":
      return value;
    default:
      break;
  }
  if (value === null) return null;
  checkDepth(depth);
  if (isArray(value)) return value.map((item, at) => convert(item, pointer === undefined ? undefined : pointerTo(pointer, at), depth + 1));
  const entries = new Map<HashKey, { readonly key: Value; value: Value }>();
  for (const key of Object.keys(value)) {
    const inner = pointer === undefined ? undefined : pointerTo(pointer, key);
    entries.set(hashKey(key), { key, value: convert(value[key] as JsonValue, inner, depth + 1) });
  }
  return new PyDict(entries);
}

function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function convertNumber(value: number): Value {
  if (Number.isSafeInteger(value)) return value + 0;
  return Number.isInteger(value) && Math.abs(value) < 1e21 ? normalise(BigInt(value)) : new PyFloat(value);
}

function checkDepth(depth: number): void {
  if (depth >= MAX_VALUE_DEPTH) throw new JinjaLimitError("value-depth", `A value nests more than ${MAX_VALUE_DEPTH} levels deep.`);
}

/** Makes the text of a string node that `pointer` names. */
export type TextMaker = (tree: JsonTree, node: NodeId, pointer: string) => Str;

const dataText: TextMaker = (tree, node, pointer) => traced(tree.string(node), { kind: "data", pointer });

/** For the values of a JSON text that is itself the string at `pointer` of the input: their texts are parts of that string. */
export function embeddedText(pointer: string): TextMaker {
  return (tree, node) => {
    const { start, end } = tree.inside(node);
    const pieces: Piece[] = [];
    for (const { raw, length, escaped } of tree.escapes(node).stretches(end - start)) {
      pieces.push({ length, origin: escaped ? { kind: "derived", pointers: [pointer] } : { kind: "data", pointer }, from: start + raw });
    }
    return pieces.length === 0 ? "" : Traced.ofPieces(tree.string(node), pieces);
  };
}

/**
 * The value of a node, as Python's `json.loads` reads it: 1 and 1.0 stay apart, integers are exact, members stand in
 * the order of the text. What is missing from a broken text is None.
 * @param pointer Where the node stands in the input, when texts are to know where they come from
 * @param makeText Makes the texts, where the input does not hold them as they are
 * @throws JinjaError ValueError for an integer of more than 4,300 digits
 * @throws JinjaLimitError for values that nest too deep
 */
export function fromJsonTree(tree: JsonTree, node: NodeId, pointer?: string, makeText = dataText): Value {
  return convertNode({ tree, makeText }, node, pointer, 0);
}

interface Conversion {
  readonly tree: JsonTree;
  readonly makeText: TextMaker;
}

function convertNode(conversion: Conversion, node: NodeId, pointer: string | undefined, depth: number): Value {
  const { tree } = conversion;
  switch (tree.kind(node)) {
    case "string":
      return pointer === undefined ? tree.string(node) : conversion.makeText(tree, node, pointer);
    case "number":
      return readNumber(tree.source(node));
    case "object":
      return convertObject(conversion, node, pointer, depth);
    case "array":
      return convertArray(conversion, node, pointer, depth);
    case "true":
      return true;
    case "false":
      return false;
    default:
      return null;
  }
}

function convertArray(conversion: Conversion, node: NodeId, pointer: string | undefined, depth: number): Value {
  checkDepth(depth);
  const { tree } = conversion;
  const items: Value[] = [];
  const end = tree.after(node);
  for (let child = node + 1; child < end; child = tree.after(child)) {
    items.push(convertNode(conversion, child, pointer === undefined ? undefined : pointerTo(pointer, items.length), depth + 1));
  }
  return items;
}

/** Of duplicate keys the last value counts, in the place of the first. */
function convertObject(conversion: Conversion, node: NodeId, pointer: string | undefined, depth: number): Value {
  checkDepth(depth);
  const { tree } = conversion;
  const entries = new Map<HashKey, { readonly key: Value; value: Value }>();
  const end = tree.after(node);
  for (let child = node + 1; child < end; child = tree.after(child)) {
    if (!tree.isKey(child)) continue;
    const key = tree.string(child);
    const inner = pointer === undefined ? undefined : pointerTo(pointer, key);
    entries.set(hashKey(key), { key, value: convertNode(conversion, tree.valueOf(child), inner, depth + 1) });
  }
  return new PyDict(entries);
}

const INTEGER = /^-?\d+$/;
/** Digits that a number holds exactly, whichever they are. */
const SAFE_DIGITS = 15;
const MAX_DIGITS = 4300;

function readNumber(source: string): Value {
  if (!INTEGER.test(source)) return new PyFloat(Number(source));
  if (source.length <= SAFE_DIGITS) return Number(source) + 0;
  const digits = source.length - (source.startsWith("-") ? 1 : 0);
  if (digits > MAX_DIGITS) {
    const limit = `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion`;
    throw new JinjaError("ValueError", `${limit}: value has ${digits} digits; use sys.set_int_max_str_digits() to increase the limit`);
  }
  return normalise(BigInt(source));
}
