import { JinjaError, JinjaLimitError } from "../errors";
import type { DictNode, Expression, Slice } from "../syntax/ast";
import type { ConstantFolder, Folded } from "../syntax/compilerKnowledge";
import { eachChild } from "../syntax/names";
import { hashKey } from "../value/hash";
import type { Value } from "../value/types";
import { canBeWritten, constantFrame, isOptimized, mayBeConstant } from "./constants";
import { compileExpression } from "./expressions";
import { Env, Render } from "./render";

/** Steps that computing the constants of a template may take; what takes more is taken for what only the render knows. */
const MAX_CONSTANT_STEPS = 400_000;

interface Facts {
  /** Expressions in this one, itself included. */
  readonly size: number;
  readonly error: JinjaError | undefined;
}

/** Computes the constants of a template as Jinja's optimizer does, to tell what it raises and what it never compiles. */
export class Folder implements ConstantFolder {
  readonly #frame = constantFrame({ lineOf: () => 0 });
  readonly #volatileFrame = constantFrame({ lineOf: () => 0, autoescape: "runtime" });
  readonly #render = new Render({ variables: {}, maxSteps: MAX_CONSTANT_STEPS });
  readonly #env = new Env(0, undefined, this.#render, this.#render.context);
  /** Whether the steps are used up. */
  #exhausted = false;
  readonly #facts = new Map<Expression | Slice, Facts>();

  fold(node: Expression | Slice): Folded {
    if (!isOptimized(node)) return undefined;
    const { error } = this.#factsOf(node);
    if (error !== undefined) return error;
    const value = this.#valueOf(node);
    return value !== undefined && canBeWritten(value) ? "constant" : undefined;
  }

  isPrintedConstant(node: Expression, volatile: boolean): boolean {
    return this.#valueOf(node, volatile ? this.#volatileFrame : this.#frame) !== undefined;
  }

  /** The first error is that of what stands deepest: the optimizer goes to the parts of an expression before it looks at itself. */
  #factsOf(node: Expression | Slice): Facts {
    const known = this.#facts.get(node);
    if (known !== undefined) return known;
    let size = 1;
    let error: JinjaError | undefined;
    eachChild(node, (child) => {
      const facts = this.#factsOf(child);
      size += facts.size;
      error ??= facts.error;
    });
    if (node.kind === "dict") error ??= this.#unhashableKey(node);
    const facts = { size, error };
    this.#facts.set(node, facts);
    return facts;
  }

  /** A dict is made pair by pair, up to one that is no constant. */
  #unhashableKey({ items }: DictNode): JinjaError | undefined {
    for (const { key, value } of items) {
      const constant = this.#valueOf(key);
      if (constant === undefined || this.#valueOf(value) === undefined) return undefined;
      try {
        hashKey(constant);
      } catch (error) {
        if (!(error instanceof JinjaError)) throw error;
        error.span ??= key.span;
        return error;
      }
    }
    return undefined;
  }

  /** Undefined where there is no constant. */
  #valueOf(node: Expression, frame = this.#frame): Value | undefined {
    if (this.#exhausted) return undefined;
    try {
      this.#render.charge(this.#factsOf(node).size);
      return mayBeConstant(node) ? this.#render.run(() => compileExpression(node, frame)(this.#env)) : undefined;
    } catch (error) {
      if (!(error instanceof JinjaError)) throw error;
      this.#exhausted ||= error instanceof JinjaLimitError;
      return undefined;
    }
  }
}
