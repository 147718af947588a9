import type { Name } from "../syntax/ast";
import { MISSING, type Value } from "../value/types";
import type { Env } from "./render";
import { Symbols } from "./symbols";
import type { TemporaryOf } from "./temporaries";

/** The variables of one function: the template, a block, a macro, a recursive loop. Each has a slot. */
export class FunctionScope {
  readonly parent: FunctionScope | undefined;
  readonly #slots = new Map<string, number>();

  constructor(parent: FunctionScope | undefined) {
    this.parent = parent;
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Gives every variable of a frame that is entered in this function a slot. */
  own(symbols: Symbols): void {
    for (const target of symbols.loads.keys()) if (!this.#slots.has(target)) this.#slots.set(target, this.#slots.size);
  }

  slot(target: string): number | undefined {
    return this.#slots.get(target);
  }

  /** Where a variable is, seen from this function. */
  find(target: string): { readonly hops: number; readonly index: number } {
    const index = this.#slots.get(target);
    if (index !== undefined) return { hops: 0, index };
    if (this.parent === undefined) throw new RangeError(`No function has the variable ${target}.`);
    const outer = this.parent.find(target);
    return { hops: outer.hops + 1, index: outer.index };
  }
}

export type Read = (env: Env) => Value | typeof MISSING;
export type Write = (env: Env, value: Value | typeof MISSING) => void;

/** Reads a variable's slot. */
export function reader(scope: FunctionScope, target: string): Read {
  const { hops, index } = scope.find(target);
  if (hops === 0) return (env) => env.slots[index] as Value | typeof MISSING;
  if (hops === 1) return (env) => (env.outer as Env).slots[index] as Value | typeof MISSING;
  return (env) => {
    let at = env;
    for (let i = 0; i < hops; i++) at = at.outer as Env;
    return at.slots[index] as Value | typeof MISSING;
  };
}

/** Writes a variable of this function. */
export function writer(scope: FunctionScope, target: string): Write {
  const { index } = scope.find(target);
  return (env, value) => {
    env.slots[index] = value;
  };
}

/** A frame while it is compiled. */
export interface Frame {
  readonly symbols: Symbols;
  readonly scope: FunctionScope;
  /** The template's outermost frame, and the branches of its ifs: what it assigns is visible to blocks. */
  readonly toplevel: boolean;
  /** What is compiled is computed as Jinja does while it compiles; see constants.ts. */
  readonly constant?: boolean;
  /** Whether what is printed is escaped: known while the template is compiled, or, inside of `{% autoescape x %}`, only when it runs. */
  readonly autoescape?: boolean | "runtime";
  /** Whether the template slices constants, so that it must be seen where Jinja computes them beforehand. */
  readonly slicesConstants?: boolean;
  /** The Python function that Jinja makes of this part of the template, and its variables; undefined for constants. */
  readonly python?: { readonly name: string; readonly temporaryOf: TemporaryOf };
  /** Gets the names that stand for nothing. */
  readonly unresolved?: Set<Name>;
  /** 1-based line of an offset in the source, for the messages that name one. */
  readonly lineOf: (offset: number) => number;
}

/** A frame inside another one of the same function. */
export function innerFrame(frame: Frame): Frame {
  return { ...frame, symbols: new Symbols(frame.symbols), toplevel: false };
}

/** The first frame of a function inside another one. */
export function functionFrame(frame: Frame): Frame {
  return { ...frame, symbols: new Symbols(frame.symbols), scope: new FunctionScope(frame.scope), toplevel: false };
}

/**
 * What entering a frame does to its variables, to be called once its symbols are known.
 * @returns undefined when there is nothing to do.
 */
export function frameEntry(frame: Frame): ((env: Env) => void) | undefined {
  frame.scope.own(frame.symbols);
  const steps: ((env: Env) => void)[] = [];
  for (const [target, load] of frame.symbols.loads) {
    if (load.action === "parameter") continue;
    const write = writer(frame.scope, target);
    if (load.action === "resolve") {
      const { name } = load;
      steps.push((env) => {
        write(env, env.context.resolve(name));
      });
    } else if (load.action === "alias") {
      const read = reader(frame.scope, load.target);
      steps.push((env) => {
        write(env, read(env));
      });
    } else {
      steps.push((env) => {
        write(env, MISSING);
      });
    }
  }
  if (steps.length === 0) return undefined;
  if (steps.length === 1) return steps[0];
  return (env) => {
    env.render.step(steps.length >> 1);
    for (const step of steps) step(env);
  };
}
