/**
 * Writes WebAssembly modules: as much of the binary format (https://webassembly.github.io/spec/core/binary/) as
 * {@link file://./rowKernels.ts} needs. An expression is the bytes that leave its value on the stack, so an operator is its
 * operands' bytes followed by its own; code reads inside out, like any other call.
 */
export type Code = readonly number[];

export type ValueType = "i32" | "f64" | "v128";

const TYPE_CODES: Readonly<Record<ValueType, number>> = { i32: 0x7f, f64: 0x7c, v128: 0x7b };

/** A parameter or a local variable of a function. */
export interface Variable {
  readonly index: number;
  readonly type: ValueType;
}

/** A function that a module exports; its parameters are all `i32`, and it returns nothing. */
export interface WasmFunction {
  readonly name: string;
  readonly parameters: number;
  readonly locals: readonly Variable[];
  readonly body: Code;
}

/** Hands out the variables of a function: parameters first. */
export class Variables {
  readonly #parameters: number;
  readonly #locals: Variable[] = [];
  #next = 0;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  parameter(): Variable {
    if (this.#next >= this.#parameters) throw new RangeError("There are no more parameters.");
    return { index: this.#next++, type: "i32" };
  }

  local(type: ValueType): Variable {
    const variable = { index: this.#parameters + this.#locals.length, type };
    this.#locals.push(variable);
    return variable;
  }

  get locals(): readonly Variable[] {
    return this.#locals;
  }
}

// ── instructions ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export const get = (variable: Variable): Code => [0x20, ...unsigned(variable.index)];
export const set = (variable: Variable, value: Code): Code => [...value, 0x21, ...unsigned(variable.index)];

export const i32 = {
  constant: (value: number): Code => [0x41, ...signed(value)],
  add: (a: Code, b: Code): Code => [...a, ...b, 0x6a],
  sub: (a: Code, b: Code): Code => [...a, ...b, 0x6b],
  and: (a: Code, b: Code): Code => [...a, ...b, 0x71],
  lessThan: (a: Code, b: Code): Code => [...a, ...b, 0x49],
  isZero: (a: Code): Code => [...a, 0x45],
  /** `condition` first, for reading; both values are computed. */
  select: (condition: Code, yes: Code, no: Code): Code => [...yes, ...no, ...condition, 0x1b],
};

/** An instruction of the vector set. */
const vector = (opcode: number, ...operands: readonly Code[]): Code => [...operands.flat(), 0xfd, ...unsigned(opcode)];
/** Alignment is a hint; the one given is always true. */
const memoryArgument = (offset: number): Code => [0, ...unsigned(offset)];

export const v128 = {
  load: (address: Code, offset = 0): Code => [...vector(0x00, address), ...memoryArgument(offset)],
  store: (address: Code, value: Code, offset = 0): Code => [...vector(0x0b, address, value), ...memoryArgument(offset)],
  zero: (): Code => [...vector(0x0c), ...new Array<number>(16).fill(0)],
  /** The upper half in the place of the lower one. */
  upperHalf: (a: Code): Code => [...vector(0x0d, a, a), ...Array.from({ length: 16 }, (_, lane) => 8 + (lane % 8))],
  and: (a: Code, b: Code): Code => vector(0x4e, a, b),
  xor: (a: Code, b: Code): Code => vector(0x51, a, b),
  /** The bits of `yes` where `mask` has ones, those of `no` elsewhere. */
  choose: (mask: Code, yes: Code, no: Code): Code => vector(0x52, yes, no, mask),
  anyTrue: (a: Code): Code => vector(0x53, a),
};

/** Operations on integer lanes of one width. */
export interface IntegerLanes {
  splat(value: number): Code;
  greaterThan(a: Code, b: Code): Code;
  shiftRightSigned(a: Code, bits: number): Code;
  min(a: Code, b: Code): Code;
  max(a: Code, b: Code): Code;
  maxUnsigned(a: Code, b: Code): Code;
}

export const i16x8: IntegerLanes = {
  splat: (value) => vector(0x10, i32.constant(value)),
  greaterThan: (a, b) => vector(0x31, a, b),
  shiftRightSigned: (a, bits) => vector(0x8c, a, i32.constant(bits)),
  min: (a, b) => vector(0x96, a, b),
  max: (a, b) => vector(0x98, a, b),
  maxUnsigned: (a, b) => vector(0x99, a, b),
};

export const i32x4: IntegerLanes & { shiftLeft(a: Code, bits: number): Code } = {
  splat: (value) => vector(0x11, i32.constant(value)),
  greaterThan: (a, b) => vector(0x3b, a, b),
  shiftLeft: (a, bits) => vector(0xab, a, i32.constant(bits)),
  shiftRightSigned: (a, bits) => vector(0xac, a, i32.constant(bits)),
  min: (a, b) => vector(0xb6, a, b),
  max: (a, b) => vector(0xb8, a, b),
  maxUnsigned: (a, b) => vector(0xb9, a, b),
};

export const f32x4 = {
  add: (a: Code, b: Code): Code => vector(0xe4, a, b),
  mul: (a: Code, b: Code): Code => vector(0xe6, a, b),
};

export const f64x2 = {
  /** The two lower lanes of four 32-bit floats. */
  promoteLow: (a: Code): Code => vector(0x5f, a),
  add: (a: Code, b: Code): Code => vector(0xf0, a, b),
};

const NO_RESULT = 0x40;

export const when = (condition: Code, body: Code): Code => [...condition, 0x04, NO_RESULT, ...body, 0x0b];

/** A block that a loop inside leaves when the condition fails. */
export const whileTrue = (condition: Code, body: Code): Code => [
  ...[0x02, NO_RESULT, 0x03, NO_RESULT],
  ...i32.isZero(condition),
  ...[0x0d, 1],
  ...body,
  ...[0x0c, 0, 0x0b, 0x0b],
];

// ── the module ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** A module of these functions that imports its memory as `host.memory`, of at least `pages` pages of 64 KiB. */
export function assemble(functions: readonly WasmFunction[], pages: number): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [0x60, ...list(new Array<Code>(parameters).fill([TYPE_CODES.i32])), 0]);
  const bodies = functions.map(({ locals, body }) => sized([...list(locals.map(({ type }) => [1, TYPE_CODES[type]])), ...body, 0x0b]));
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, types),
    ...section(2, [[...text("host"), ...text("memory"), 0x02, 0x00, ...unsigned(pages)]]),
    ...section(3, functions.map((_, index) => unsigned(index))),
    ...section(7, functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)])),
    ...section(10, bodies),
  ]);
}

const list = (entries: readonly Code[]): Code => [...unsigned(entries.length), ...entries.flat()];
const sized = (content: Code): Code => [...unsigned(content.length), ...content];
const section = (id: number, entries: readonly Code[]): Code => [id, ...sized(list(entries))];
const text = (value: string): Code => sized([...new TextEncoder().encode(value)]);

/** LEB128. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(last ? low : low | 0x80);
    if (last) return bytes;
  }
}
