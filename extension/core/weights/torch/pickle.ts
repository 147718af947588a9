import { brokenFile, tooLarge, WeightsError } from "../errors";
import { viewOf } from "../openedFile";

// A pickle is a program for a stack machine that can call any function of Python. Here it is read as data: of the opcodes,
// those that put values together; of the functions, those of a list that the caller has, which makes values of its own out
// of the arguments. Everything else is refused. Source of the opcodes: CPython's pickletools.

/** What a pickle makes. Lists and dictionaries may hold themselves. */
export type PickleValue = null | boolean | number | string | PickleGlobal | PickleTuple | PickleList | PickleDict | PickleMade;

/** A function or a class: `torch._utils._rebuild_tensor_v2`. */
export interface PickleGlobal {
  readonly kind: "global";
  readonly name: string;
}

export interface PickleTuple {
  readonly kind: "tuple";
  readonly items: readonly PickleValue[];
}

export interface PickleList {
  readonly kind: "list";
  readonly items: PickleValue[];
}

/** A dictionary, of whichever class. */
export interface PickleDict {
  readonly kind: "dict";
  readonly entries: Map<PickleValue, PickleValue>;
}

/** A value that the caller made. */
export interface PickleMade {
  readonly kind: "made";
  readonly value: unknown;
}

/** What a pickle may name and call. */
export interface PickleCalls {
  allows(global: string): boolean;
  /** The result of a call, or undefined where the arguments do not fit. */
  call(global: string, args: readonly PickleValue[]): PickleValue | undefined;
  /** The object of a persistent id, or undefined where that is no such id. */
  persistent(id: PickleValue): PickleValue | undefined;
}

/** A dictionary of 100,000 tensors has twice as many on the stack at once. */
export const MAX_STACK = 1_000_000;

/** Containers, texts and entries of the memo that one pickle may make. A tensor takes about 25. Each has up to 100 bytes of memory. */
export const MAX_VALUES = 5_000_000;

const OP = {
  MARK: 0x28, EMPTY_TUPLE: 0x29, STOP: 0x2e, BININT: 0x4a, BININT1: 0x4b, BININT2: 0x4d, NONE: 0x4e, BINPERSID: 0x51, REDUCE: 0x52, BINSTRING: 0x54,
  SHORT_BINSTRING: 0x55, BINUNICODE: 0x58, EMPTY_LIST: 0x5d, APPEND: 0x61, BUILD: 0x62, GLOBAL: 0x63, APPENDS: 0x65, BINGET: 0x68, LONG_BINGET: 0x6a,
  BINPUT: 0x71, LONG_BINPUT: 0x72, SETITEM: 0x73, TUPLE: 0x74, SETITEMS: 0x75, EMPTY_DICT: 0x7d, BINFLOAT: 0x47, PROTO: 0x80, TUPLE1: 0x85, TUPLE2: 0x86,
  TUPLE3: 0x87, NEWTRUE: 0x88, NEWFALSE: 0x89, LONG1: 0x8a, SHORT_BINUNICODE: 0x8c, BINUNICODE8: 0x8d, STACK_GLOBAL: 0x93, MEMOIZE: 0x94, FRAME: 0x95,
} as const;

const HIGHEST_PROTOCOL = 5;
const LINE_FEED = 10;

/**
 * The value that a pickle stands for.
 * @param start where the pickle begins in the file, for the offsets of errors.
 * @throws WeightsError `weights-unsupported` at the first thing that is not on the lists, `weights-broken`, `weights-too-large`.
 */
export function readPickle(bytes: Uint8Array, file: string, start: number, calls: PickleCalls): PickleValue {
  return new PickleMachine(bytes, file, start, calls).run();
}

class PickleMachine {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #file: string;
  readonly #start: number;
  readonly #calls: PickleCalls;
  readonly #stack: PickleValue[] = [];
  /** Where on the stack the marks stand. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #at = 0;
  /** Where the opcode stands that is being carried out. */
  #opAt = 0;
  #values = 0;

  constructor(bytes: Uint8Array, file: string, start: number, calls: PickleCalls) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
    this.#file = file;
    this.#start = start;
    this.#calls = calls;
  }

  run(): PickleValue {
    for (;;) {
      this.#opAt = this.#at;
      const code = this.#view.getUint8(this.#take(1));
      if (code === OP.STOP) return this.#pop();
      if (!this.#scalar(code) && !this.#container(code) && !this.#memory(code) && !this.#named(code)) {
        throw this.#refused(`it has the opcode 0x${code.toString(16).padStart(2, "0")}`);
      }
    }
  }

  #scalar(code: number): boolean {
    const view = this.#view;
    switch (code) {
      case OP.NONE: this.#push(null); return true;
      case OP.NEWTRUE: this.#push(true); return true;
      case OP.NEWFALSE: this.#push(false); return true;
      case OP.BININT1: this.#push(view.getUint8(this.#take(1))); return true;
      case OP.BININT2: this.#push(view.getUint16(this.#take(2), true)); return true;
      case OP.BININT: this.#push(view.getInt32(this.#take(4), true)); return true;
      case OP.LONG1: this.#push(this.#long(view.getUint8(this.#take(1)))); return true;
      case OP.BINFLOAT: this.#push(view.getFloat64(this.#take(8))); return true;
      case OP.BINUNICODE: this.#push(this.#text(view.getUint32(this.#take(4), true))); return true;
      case OP.SHORT_BINUNICODE: this.#push(this.#text(view.getUint8(this.#take(1)))); return true;
      case OP.BINUNICODE8: this.#push(this.#text(Number(view.getBigUint64(this.#take(8), true)))); return true;
      case OP.BINSTRING: this.#push(this.#text(view.getUint32(this.#take(4), true))); return true;
      case OP.SHORT_BINSTRING: this.#push(this.#text(view.getUint8(this.#take(1)))); return true;
      default: return false;
    }
  }

  #container(code: number): boolean {
    switch (code) {
      case OP.MARK: this.#mark(); return true;
      case OP.EMPTY_TUPLE: this.#sequence("tuple", []); return true;
      case OP.TUPLE1: this.#sequence("tuple", this.#popMany(1)); return true;
      case OP.TUPLE2: this.#sequence("tuple", this.#popMany(2)); return true;
      case OP.TUPLE3: this.#sequence("tuple", this.#popMany(3)); return true;
      case OP.TUPLE: this.#sequence("tuple", this.#popToMark()); return true;
      case OP.EMPTY_LIST: this.#sequence("list", []); return true;
      case OP.APPEND: this.#append(this.#popMany(1)); return true;
      case OP.APPENDS: this.#append(this.#popToMark()); return true;
      case OP.EMPTY_DICT: this.#counted(); this.#push({ kind: "dict", entries: new Map() }); return true;
      case OP.SETITEM: this.#setItems(this.#popMany(2)); return true;
      case OP.SETITEMS: this.#setItems(this.#popToMark()); return true;
      case OP.BUILD: this.#build(); return true;
      default: return false;
    }
  }

  #memory(code: number): boolean {
    const view = this.#view;
    switch (code) {
      case OP.PROTO: this.#protocol(view.getUint8(this.#take(1))); return true;
      case OP.FRAME: this.#take(8); return true;
      case OP.BINPUT: this.#put(view.getUint8(this.#take(1))); return true;
      case OP.LONG_BINPUT: this.#put(view.getUint32(this.#take(4), true)); return true;
      case OP.MEMOIZE: this.#put(this.#memo.size); return true;
      case OP.BINGET: this.#get(view.getUint8(this.#take(1))); return true;
      case OP.LONG_BINGET: this.#get(view.getUint32(this.#take(4), true)); return true;
      default: return false;
    }
  }

  #named(code: number): boolean {
    switch (code) {
      case OP.GLOBAL: this.#global(this.#line(), this.#line()); return true;
      case OP.STACK_GLOBAL: this.#stackGlobal(); return true;
      case OP.REDUCE: this.#reduce(); return true;
      case OP.BINPERSID: this.#persistent(); return true;
      default: return false;
    }
  }

  #protocol(version: number): void {
    if (version > HIGHEST_PROTOCOL) throw this.#refused(`it is of protocol ${version}; up to ${HIGHEST_PROTOCOL} are read`);
  }

  /** A little-endian two's complement number. What is past 2^53 is not exact, and no size or offset. */
  #long(length: number): number {
    const at = this.#take(length);
    let value = 0;
    for (let i = length - 1; i >= 0; i--) value = value * 256 + (this.#bytes[at + i] as number);
    return length > 0 && (this.#bytes[at + length - 1] as number) >= 128 ? value - 256 ** length : value;
  }

  #text(length: number): string {
    const at = this.#take(length);
    this.#counted();
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.#bytes.subarray(at, at + length));
  }

  /** Text up to the next line feed, as in the oldest opcodes. */
  #line(): string {
    const end = this.#bytes.indexOf(LINE_FEED, this.#at);
    if (end < 0) throw this.#broken("a name does not end");
    const text = this.#text(end - this.#at);
    this.#take(1);
    return text;
  }

  #sequence(kind: "tuple" | "list", items: PickleValue[]): void {
    this.#counted();
    this.#push({ kind, items });
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#stack.at(-1);
    if (!isKind(list, "list")) throw this.#broken("something is appended to what is no list");
    for (const value of values) list.items.push(value);
    this.#counted(values.length);
  }

  #setItems(values: readonly PickleValue[]): void {
    const dict = this.#stack.at(-1);
    if (!isKind(dict, "dict") || values.length % 2 !== 0) throw this.#broken("items are set on what is no dictionary");
    for (let i = 0; i < values.length; i += 2) dict.entries.set(values[i] as PickleValue, values[i + 1] as PickleValue);
    this.#counted(values.length);
  }

  /** Attributes of a dictionary are left out: a module's state has the versions of its parts there. */
  #build(): void {
    this.#pop();
    if (!isKind(this.#stack.at(-1), "dict")) throw this.#refused("it sets the state of an object that is no dictionary");
  }

  #global(module: string, name: string): void {
    const full = `${module}.${name}`;
    if (!this.#calls.allows(full)) {
      throw this.#refused(`it names ${full}, which is no part of a dictionary of tensors. Loading such a file with torch can run code of whoever made it`);
    }
    this.#counted();
    this.#push({ kind: "global", name: full });
  }

  #stackGlobal(): void {
    const [module, name] = this.#popMany(2);
    if (typeof module !== "string" || typeof name !== "string") throw this.#broken("a name is no text");
    this.#global(module, name);
  }

  #reduce(): void {
    const [callee, args] = this.#popMany(2);
    if (!isKind(callee, "global") || !isKind(args, "tuple")) throw this.#refused("it calls something that it does not name");
    const result = this.#calls.call(callee.name, args.items);
    if (result === undefined) throw this.#broken(`the arguments of ${callee.name} do not fit`);
    this.#counted();
    this.#push(result);
  }

  #persistent(): void {
    const object = this.#calls.persistent(this.#pop());
    if (object === undefined) throw this.#broken("the name of a storage does not have the form that torch gives it");
    this.#counted();
    this.#push(object);
  }

  #put(index: number): void {
    const value = this.#stack.at(-1);
    if (value === undefined) throw this.#broken("it remembers a value where there is none");
    this.#counted();
    this.#memo.set(index, value);
  }

  #get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#broken(`it takes value ${index} from its memory, where there is none`);
    this.#push(value);
  }

  #mark(): void {
    if (this.#marks.length >= MAX_STACK) throw this.#tooLarge();
    this.#marks.push(this.#stack.length);
  }

  #push(value: PickleValue): void {
    if (this.#stack.length >= MAX_STACK) throw this.#tooLarge();
    this.#stack.push(value);
  }

  #pop(): PickleValue {
    return this.#popMany(1)[0] as PickleValue;
  }

  #popMany(count: number): PickleValue[] {
    // What stands below a mark is not to be taken before the mark is.
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw this.#broken("it takes a value where there is none");
    return this.#stack.splice(this.#stack.length - count);
  }

  #popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#broken("it goes back to a mark that is not there");
    return this.#stack.splice(mark);
  }

  /** Moves on by `count` bytes and returns where they begin. */
  #take(count: number): number {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw this.#broken("its pickle ends early");
    this.#at = at + count;
    return at;
  }

  #counted(count = 1): void {
    this.#values += count;
    if (this.#values > MAX_VALUES) throw this.#tooLarge();
  }

  #tooLarge(): WeightsError {
    return tooLarge(this.#file, this.#start + this.#opAt, "its pickle makes more values than any model has", `${MAX_VALUES}, ${MAX_STACK} at once,`);
  }

  #broken(what: string): WeightsError {
    return brokenFile(this.#file, this.#start + this.#opAt, what);
  }

  #refused(what: string): WeightsError {
    const byteOffset = this.#start + this.#opAt;
    const message = `${this.#file} is not read: at byte ${byteOffset} ${what}. Use a safetensors file of the model, or save its state_dict anew.`;
    return new WeightsError("weights-unsupported", message, { file: this.#file, byteOffset });
  }
}

/** Narrows a value by its kind. */
export function isKind<K extends "global" | "tuple" | "list" | "dict" | "made">(value: PickleValue | undefined, kind: K): value is Extract<PickleValue, { readonly kind: K }> {
  return typeof value === "object" && value !== null && value.kind === kind;
}
