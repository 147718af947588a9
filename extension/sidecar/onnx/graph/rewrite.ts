import { type OnnxModel, writeModel } from "./model";
import { ELEMENT, int64Tensor, node, valueInfo } from "./nodes";
import { WireWriter } from "./wire";

/** What the rewritten graphs add, and have instead of `logits`. */
export const ADDED = {
  /** Input: the places among those fed whose logits are wanted, `[n]`. */
  places: "tunesmith.places",
  /** Output: their logits in float32, `[1, n, vocabulary]`. */
  rows: "tunesmith.rows",
  /** Output: their most probable tokens, `[1, n]`. */
  next: "tunesmith.next",
  /** Input of a loop: how many steps to run at once, a scalar. More than one needs one place, the only token fed. */
  steps: "tunesmith.steps",
} as const;

/** Inputs and outputs of a looped model have this before the decoder's name: a name may mean one thing only. */
export const LOOP_PREFIX = "tunesmith.loop.";

/** The inputs that a decoder which can be rewritten may have, beside its cache. */
const KNOWN_INPUTS = new Set(["input_ids", "attention_mask", "position_ids"]);

/** The cache's outputs by its inputs, in their order; undefined where the names are others than expected. */
export function cachePairs(inputs: readonly string[], outputs: readonly string[]): readonly (readonly [past: string, present: string])[] | undefined {
  const pairs = inputs
    .filter((name) => name.startsWith("past_key_values."))
    .map((past) => [past, past.replace("past_key_values.", "present.")] as const);
  return pairs.length > 0 && pairs.every(([, present]) => outputs.includes(present)) ? pairs : undefined;
}

/** Whether {@link addTail} and {@link wrapInLoop} can be used. */
export function canRewrite({ inputs, outputs }: OnnxModel): boolean {
  const names = inputs.map(({ name }) => name);
  const known = names.every((name) => KNOWN_INPUTS.has(name) || name.startsWith("past_key_values."));
  const outputNames = outputs.map(({ name }) => name);
  return known && names.includes("input_ids") && names.includes("attention_mask") && outputNames.includes("logits") && cachePairs(names, outputNames) !== undefined;
}

/** The decoder with the logits of some places and their most probable tokens: the others' logits need not leave the device. */
export function addTail(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const graph = new WireWriter();
  for (const bytes of model.nodes) graph.copy(bytes);
  for (const added of tailNodes()) graph.message(1, added);
  graph.text(2, "decoder");
  for (const bytes of model.weights) graph.copy(bytes);
  graph.message(11, valueInfo(ADDED.places, ELEMENT.int64, ["places"]));
  for (const { name, typeProto } of model.inputs) graph.message(11, typedValue(name, typeProto));
  for (const { name, typeProto } of model.outputs) if (name !== "logits") graph.message(12, typedValue(name, typeProto));
  for (const [name, type] of TAIL_OUTPUTS) graph.message(12, valueInfo(name, type));
  return writeModel(model.rest, graph);
}

const TAIL_OUTPUTS = [
  [ADDED.rows, ELEMENT.float],
  [ADDED.next, ELEMENT.int64],
] as const;

function tailNodes(): WireWriter[] {
  return [
    node("Gather", ["logits", ADDED.places], ["tunesmith.logits"], { attributes: { axis: 1 } }),
    node("Cast", ["tunesmith.logits"], [ADDED.rows], { attributes: { to: ELEMENT.float } }),
    node("ArgMax", [ADDED.rows], [ADDED.next], { attributes: { axis: 2, keepdims: 0 } }),
  ];
}

function typedValue(name: string, typeProto: Uint8Array): WireWriter {
  return new WireWriter().text(1, name).bytes(2, typeProto);
}

/**
 * The decoder as the body of a `Loop`: the weights stay in the outer graph, and each step feeds the most probable token, the
 * mask and the cache to the next. One run gives many tokens, which saves the way of the cache over the bus where the device
 * cannot keep it (CUDA), and the cost of a call elsewhere. With one step it is the decoder itself.
 */
export function wrapInLoop(model: OnnxModel): Uint8Array<ArrayBuffer> {
  const names = model.inputs.map(({ name }) => name);
  const pairs = cachePairs(names, model.outputs.map(({ name }) => name)) ?? [];
  const positions = names.includes("position_ids");
  const body = loopBody(model, pairs, positions);
  const outer = (name: string): string => LOOP_PREFIX + name;
  const state = ["input_ids", "attention_mask", ...(positions ? ["position_ids"] : []), ...pairs.map(([past]) => past)];
  const results = [...state.map((name) => `${outer(name)}.final`), ...SCANNED.map(outer)];
  for (const [index, [, present]] of pairs.entries()) results[state.length - pairs.length + index] = outer(present);
  const graph = new WireWriter();
  graph.message(1, node("Loop", [ADDED.steps, "", ...state.map(outer)], results, { attributes: { body: { graph: body } } }));
  graph.text(2, "loop");
  for (const bytes of model.weights) graph.copy(bytes);
  for (const constant of [int64Tensor("tunesmith.[-1]", [1], [-1]), int64Tensor("tunesmith.[[1]]", [1, 1], [1])]) graph.message(5, constant);
  graph.message(11, valueInfo(ADDED.steps, ELEMENT.int64, []));
  // The body sees it from outside, the same in every step.
  graph.message(11, valueInfo(ADDED.places, ELEMENT.int64, ["places"]));
  const types = typesOf(model);
  for (const { name, typeProto } of model.inputs) graph.message(11, typedValue(outer(name), typeProto));
  for (const [, present] of pairs) graph.message(12, valueInfo(outer(present), types(present)));
  for (const name of SCANNED) graph.message(12, valueInfo(outer(name), types(name)));
  return writeModel(model.rest, graph);
}

/** What every step gives; the outer graph has them one above the other. */
const SCANNED = [ADDED.next, ADDED.rows];

function loopBody(model: OnnxModel, pairs: readonly (readonly [string, string])[], positions: boolean): WireWriter {
  const body = new WireWriter();
  for (const bytes of model.nodes) body.copy(bytes);
  for (const added of tailNodes()) body.message(1, added);
  body.message(1, node("Identity", ["tunesmith.go"], ["tunesmith.go.on"]));
  body.message(1, node("Identity", [ADDED.next], ["tunesmith.token"]));
  body.message(1, node("Concat", ["attention_mask", "tunesmith.[[1]]"], ["tunesmith.mask"], { attributes: { axis: 1 } }));
  if (positions) {
    body.message(1, node("Gather", ["position_ids", "tunesmith.[-1]"], ["tunesmith.position.last"], { attributes: { axis: 1 } }));
    body.message(1, node("Add", ["tunesmith.position.last", "tunesmith.[[1]]"], ["tunesmith.position"]));
  }
  body.text(2, "step");
  const types = typesOf(model);
  const input = (name: string, type: number, shape?: readonly number[]): void => void body.message(11, valueInfo(name, type, shape));
  const output = (name: string, type: number): void => void body.message(12, valueInfo(name, type));
  input("tunesmith.step", ELEMENT.int64, []);
  input("tunesmith.go", ELEMENT.bool, []);
  output("tunesmith.go.on", ELEMENT.bool);
  input("input_ids", types("input_ids"));
  output("tunesmith.token", ELEMENT.int64);
  input("attention_mask", types("attention_mask"));
  output("tunesmith.mask", types("attention_mask"));
  if (positions) {
    input("position_ids", types("position_ids"));
    output("tunesmith.position", types("position_ids"));
  }
  for (const [past, present] of pairs) {
    input(past, types(past));
    output(present, types(present));
  }
  for (const name of SCANNED) output(name, types(name));
  return body;
}

function typesOf({ inputs, outputs }: OnnxModel): (name: string) => number {
  const types = new Map<string, number>([...[...inputs, ...outputs].map(({ name, type }) => [name, type] as const), ...TAIL_OUTPUTS]);
  return (name) => types.get(name) ?? ELEMENT.float;
}
