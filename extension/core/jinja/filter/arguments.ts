import { JinjaError } from "../errors";
import type { CallArguments, Value } from "../value/types";

/** A parameter of a Python function. */
export interface Parameter {
  readonly name: string;
  /** It has a default. */
  readonly optional?: boolean;
  readonly keywordOnly?: boolean;
  readonly positionalOnly?: boolean;
}

/**
 * Assigns the arguments of a call to the parameters as Python does.
 * @param name The function's qualified name, for messages.
 * @returns One value a parameter; undefined where the default stands.
 * @throws JinjaError TypeError with CPython's message.
 */
export function bindArguments(name: string, parameters: readonly Parameter[], args: CallArguments): readonly (Value | undefined)[] {
  const bound = new Array<Value | undefined>(parameters.length).fill(undefined);
  const places = parameters.findIndex((parameter) => parameter.keywordOnly === true);
  const most = places === -1 ? parameters.length : places;
  const given = args.positional.length;
  for (let i = 0; i < given && i < most; i += 1) bound[i] = args.positional[i];
  if (args.named.size > 0) bindNamed(name, parameters, args.named, bound);
  if (given > most) throw new JinjaError("TypeError", tooManyMessage(name, parameters, most, given, bound));
  checkMissing(name, parameters.slice(0, most), bound, "positional");
  if (most < parameters.length) checkMissing(name, parameters.slice(most), bound.slice(most), "keyword-only");
  return bound;
}

function bindNamed(
  name: string,
  parameters: readonly Parameter[],
  named: ReadonlyMap<string, Value>,
  bound: (Value | undefined)[],
): void {
  for (const [key, value] of named) {
    const index = parameters.findIndex((parameter) => parameter.name === key && parameter.positionalOnly !== true);
    if (index === -1) throw new JinjaError("TypeError", unexpectedMessage(name, parameters, named, key));
    if (bound[index] !== undefined) throw new JinjaError("TypeError", `${name}() got multiple values for argument '${key}'`);
    bound[index] = value;
  }
}

function unexpectedMessage(name: string, parameters: readonly Parameter[], named: ReadonlyMap<string, Value>, key: string): string {
  const positionalOnly = parameters.filter((parameter) => parameter.positionalOnly === true && named.has(parameter.name));
  if (positionalOnly.length === 0) return `${name}() got an unexpected keyword argument '${key}'`;
  const names = positionalOnly.map((parameter) => parameter.name).join(", ");
  return `${name}() got some positional-only arguments passed as keyword arguments: '${names}'`;
}

function tooManyMessage(
  name: string,
  parameters: readonly Parameter[],
  most: number,
  given: number,
  bound: readonly (Value | undefined)[],
): string {
  const least = parameters.slice(0, most).filter((parameter) => parameter.optional !== true).length;
  const takes = least < most ? `from ${least} to ${most}` : String(most);
  const plural = least < most || most !== 1 ? "s" : "";
  const keywordOnly = bound.slice(most).filter((value) => value !== undefined).length;
  const extra = keywordOnly === 0 ? "" : ` positional argument${given === 1 ? "" : "s"} (and ${keywordOnly} keyword-only argument${keywordOnly === 1 ? "" : "s"})`;
  return `${name}() takes ${takes} positional argument${plural} but ${given}${extra} ${given === 1 && keywordOnly === 0 ? "was" : "were"} given`;
}

function checkMissing(name: string, parameters: readonly Parameter[], bound: readonly (Value | undefined)[], kind: string): void {
  const missing = parameters.filter((parameter, i) => parameter.optional !== true && bound[i] === undefined).map(({ name: key }) => `'${key}'`);
  if (missing.length === 0) return;
  const last = missing.at(-1) ?? "";
  const list = missing.length < 3 ? missing.join(" and ") : `${missing.slice(0, -1).join(", ")}, and ${last}`;
  throw new JinjaError("TypeError", `${name}() missing ${missing.length} required ${kind} argument${missing.length === 1 ? "" : "s"}: ${list}`);
}

/** The signature of a filter or test, as Python has it. */
export interface Signature {
  readonly name: string;
  readonly parameters: readonly Parameter[];
  /** The first parameter is the environment or context, which Jinja passes itself; Python counts it in its messages. */
  readonly implicit: boolean;
  /** How many parameters after the value have no default. */
  readonly required: number;
}

/**
 * Reads a signature: names in order, `@` before the one that Jinja fills in, `?` after those with a default, `/` after
 * positional-only ones.
 */
export function signature(name: string, list: string): Signature {
  const words = list.split(" ");
  const parameters = words.map((word) => ({
    name: word.replace(/[@?/]/g, ""),
    optional: word.endsWith("?"),
    positionalOnly: word.endsWith("/"),
  }));
  const implicit = list.startsWith("@");
  const required = parameters.slice(implicit ? 2 : 1).filter((parameter) => !parameter.optional).length;
  return { name, parameters, implicit, required };
}

/** The arguments behind the value that a filter or test is applied to, in the order of the signature. */
export function bindRest(to: Signature, value: Value, args: CallArguments): readonly (Value | undefined)[] {
  if (to.required === 0 && args.positional.length === 0 && args.named.size === 0) return NOTHING;
  const positional = to.implicit ? [null, value, ...args.positional] : [value, ...args.positional];
  return bindArguments(to.name, to.parameters, { positional, named: args.named }).slice(to.implicit ? 2 : 1);
}

const NOTHING: readonly undefined[] = [];

/** Refuses any argument, as a builtin written in C that takes exactly one does. */
export function expectNone(name: string, args: CallArguments): void {
  if (args.named.size > 0) throw new JinjaError("TypeError", `${name}() takes no keyword arguments`);
  const extra = args.positional.length;
  if (extra > 0) throw new JinjaError("TypeError", `${name}() takes exactly one argument (${extra + 1} given)`);
}

/** Refuses keyword arguments that name a parameter which the call fills by position, where the others are `**kwargs`. */
export function refuseNamed(name: string, taken: readonly string[], args: CallArguments): void {
  for (const key of taken) {
    if (args.named.has(key)) throw new JinjaError("TypeError", `${name}() got multiple values for argument '${key}'`);
  }
}
