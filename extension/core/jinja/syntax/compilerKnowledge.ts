import type { JinjaError } from "../errors";
import type { Expression, Name, Slice, TemplateNode } from "./ast";

/** So many errors of a kind are found in a template that parses. */
export const MAX_CHECK_ERRORS = 1000;

/** What Jinja's compiler knows beside the template. */
export interface CompilerKnowledge {
  /** By name. */
  readonly filters: ReadonlyMap<string, unknown>;
  readonly tests: ReadonlyMap<string, unknown>;
  readonly folder?: ConstantFolder;
  /** The names that Jinja's analysis of variables does not come to, and its code generator then does not know. */
  readonly unresolvedNames: (tree: TemplateNode) => ReadonlySet<Name>;
}

/** What Jinja's optimizer makes of an expression: an error that ends compiling, a constant that is compiled in its place, or nothing. */
export type Folded = JinjaError | "constant" | undefined;

/** Computes what Jinja computes while it compiles. It needs the filters and operators, so the parser is given one. */
export interface ConstantFolder {
  /** What becomes of an expression before code is written for it. */
  fold(node: Expression | Slice): Folded;
  /** Whether what an output prints is computed beforehand, so that its expression is never compiled. @param volatile see CompileFrame */
  isPrintedConstant(node: Expression, volatile: boolean): boolean;
}
