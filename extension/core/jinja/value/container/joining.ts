import { JinjaError, JinjaLimitError } from "../../errors";
import { MAX_LIST_LENGTH } from "../../runtime/limits";
import { asText } from "../../text/arguments";
import type { Int } from "../numeric/integer";
import type { Str } from "../text";
import { checkTextLength, concatText, deriveText, isStr, Traced } from "../text";
import type { Value } from "../types";
import { isList, PyTuple, typeName } from "../types";
import { countWork } from "../budget";

/** Texts, lists and tuples. */
export type Sequence = Str | readonly Value[] | PyTuple;

function checkListLength(length: number): void {
  if (length > MAX_LIST_LENGTH) throw new JinjaLimitError("list-length", `The template makes a list of more than ${MAX_LIST_LENGTH} elements.`);
  countWork(length >> 4);
}

/** `a + b`. @throws JinjaError TypeError `can only concatenate str (not "int") to str` */
export function addSequences(a: Sequence, b: Value): Value {
  if (isStr(a)) {
    const text = asText(b);
    if (text !== undefined) return concatText([a, text]);
  } else if (isList(a)) {
    if (isList(b)) return joinLists(a, b);
  } else if (b instanceof PyTuple) {
    return new PyTuple(joinLists(a.items, b.items));
  }
  throw new JinjaError("TypeError", `can only concatenate ${typeName(a)} (not "${typeName(b)}") to ${typeName(a)}`);
}

function joinLists(a: readonly Value[], b: readonly Value[]): Value[] {
  checkListLength(a.length + b.length);
  return a.concat(b);
}

const SSIZE_MAX = 2n ** 63n - 1n;

/**
 * `sequence * times`; nothing for a negative number.
 * @throws JinjaError OverflowError where CPython has no such index
 * @throws JinjaLimitError for more than the engine makes
 */
export function repeatSequence(sequence: Str, times: Int): Str;
export function repeatSequence(sequence: Sequence, times: Int): Value;
export function repeatSequence(sequence: Sequence, times: Int): Value {
  if (typeof times === "bigint" && (times > SSIZE_MAX || times < -SSIZE_MAX - 1n)) {
    throw new JinjaError("OverflowError", "cannot fit 'int' into an index-sized integer");
  }
  const count = Math.max(0, Number(times));
  if (isStr(sequence)) return repeatText(sequence, count);
  return sequence instanceof PyTuple ? new PyTuple(repeatList(sequence.items, count)) : repeatList(sequence, count);
}

function repeatList(items: readonly Value[], count: number): Value[] {
  if (items.length === 0 || count === 0) return [];
  checkListLength(items.length * count);
  countWork((items.length * count) >> 2);
  const repeated = new Array<Value>(items.length * count);
  for (let at = 0; at < repeated.length; at++) repeated[at] = items[at % items.length] as Value;
  return repeated;
}

/** Beyond so many pieces a repeated text only says what it derives from: no one reads the origin of the thousandth dash. */
const MAX_REPEATED_PIECES = 1000;

function repeatText(text: Str, count: number): Str {
  if (text === "" || count === 0) return "";
  const plain = text instanceof Traced ? text.text : text;
  checkTextLength(plain.length * count);
  if (typeof text === "string") return text.repeat(count);
  if (text.pieces.length * count > MAX_REPEATED_PIECES) return deriveText(plain.repeat(count), [text]);
  return concatText(new Array<Str>(count).fill(text));
}
