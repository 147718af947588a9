import type { Span } from "../../base/text";
import type { Value } from "./value/types";

/** The Python exception classes that a template can end in. */
export type PythonError =
  | "TemplateSyntaxError"
  | "TemplateAssertionError"
  | "TemplateError"
  | "TemplateRuntimeError"
  | "TemplateNotFound"
  | "UndefinedError"
  | "SecurityError"
  | "FilterArgumentError"
  | "TypeError"
  | "ValueError"
  | "KeyError"
  | "IndexError"
  | "AttributeError"
  | "ZeroDivisionError"
  | "OverflowError"
  | "RecursionError"
  | "LookupError"
  | "UnicodeEncodeError"
  | "UnicodeDecodeError"
  | "StopIteration"
  | "NameError"
  | "UnboundLocalError"
  | "RuntimeError"
  | "AssertionError"
  | "SyntaxError"
  | "NotImplementedError";

/**
 * What Python would have raised: class and message are the reference's own. The interpreter adds where in the template it
 * happened.
 */
export class JinjaError extends Error {
  /** Python's class name. */
  readonly type: PythonError;
  /** The template range that was being parsed or evaluated. */
  span: Span | undefined;
  /** The elements that the loops around it were at, the innermost first. */
  readonly within: Value[] = [];

  constructor(type: PythonError, message: string, span?: Span) {
    super(message);
    this.name = "JinjaError";
    this.type = type;
    this.span = span;
  }
}

/** A bound of this engine was reached that Python does not have (see runtime/limits.ts). `limit` names it. */
export class JinjaLimitError extends JinjaError {
  readonly limit: string;

  constructor(limit: string, message: string) {
    super("RuntimeError", message);
    this.limit = limit;
  }
}
