import { JinjaError } from "../errors";
import type { Expression, Name, Parameter, Target } from "./ast";
import type { Expressions } from "./expressions";
import type { TokenStream } from "./stream";

/** The names of Jinja's node classes, as its messages about assignments have them. */
function nodeName(node: Expression): string {
  switch (node.kind) {
    case "string":
      return "const";
    case "conditional":
      return "condexpr";
    case "unary":
      return { not: "not", "-": "neg", "+": "pos" }[node.operator];
    case "binary":
      return { "+": "add", "-": "sub", "*": "mul", "/": "div", "//": "floordiv", "%": "mod", "**": "pow", and: "and", or: "or" }[node.operator];
    default:
      return node.kind;
  }
}

function isAssignable(node: Expression): boolean {
  if (node.kind === "tuple") return node.items.every(isAssignable);
  return node.kind === "name" || node.kind === "nsref";
}

/** What `for`, `set` and `with` assign to: a name, several, or for `set` attributes of namespaces. @throws JinjaError */
export function parseTarget(stream: TokenStream, expressions: Expressions, options: { readonly namespace?: boolean } = {}): Target {
  const node = expressions.tuple({ items: options.namespace === true ? "targets" : "primaries" });
  if (isAssignable(node)) return node as Target;
  // Jinja gives a tuple without brackets the line of its last comma.
  const { start, end } = node.span;
  const from = node.kind === "tuple" && stream.slice(start, expressions.lastComma).includes("\n") ? expressions.lastComma : start;
  throw new JinjaError("TemplateSyntaxError", `can't assign to '${nodeName(node)}'`, { start: from, end });
}

const RESERVED = new Set(["true", "false", "none", "True", "False", "None"]);

/** One name that is assigned to. @throws JinjaError */
export function parseName(stream: TokenStream): Name {
  const { start, end, value } = stream.expect("name");
  if (RESERVED.has(value)) stream.fail("can't assign to 'name'", { start, end });
  return { kind: "name", span: { start, end }, name: value };
}

/** The parameters of a macro or call block, in brackets. @throws JinjaError */
export function parseSignature(stream: TokenStream, expressions: Expressions): Parameter[] {
  const parameters: Parameter[] = [];
  let defaults = false;
  stream.expect("operator", "(");
  while (!stream.isOperator(")")) {
    if (parameters.length > 0) stream.expect("operator", ",");
    const name = parseName(stream);
    let fallback: Expression | undefined;
    if (stream.skipOperator("=")) {
      fallback = expressions.expression();
      defaults = true;
    } else if (defaults) stream.fail("non-default argument follows default argument");
    parameters.push({ name, fallback });
  }
  stream.expect("operator", ")");
  return parameters;
}
