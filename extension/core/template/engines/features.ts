import type { Span } from "../../../base/text";
import type { Arguments, Call, Compare, Expression, FilterNode, Slice, Statement, TemplateNode, TestNode } from "../../jinja/syntax/ast";
import type { ParsedTemplate } from "../../jinja/syntax/parser";
import type { Token } from "../../jinja/syntax/token";
import { eachArgument } from "../../jinja/syntax/names";
import { eachNode } from "../../jinja/runtime/analyze";
import { DICT_METHODS, TEXT_METHODS } from "../reads/methods";
import type { FeatureKind } from "./table";

/** A place where a template uses a feature. */
export interface FeatureUse {
  readonly kind: FeatureKind;
  /** As in the table of engines. */
  readonly name: string;
  readonly span: Span;
}

type Node = Statement | Expression | Slice;
type Note = (kind: FeatureKind, name: string, span: Span) => void;

/** Whatever a template uses that some engine may lack, but for the functions of its context. In no order. */
export function findFeatures(source: string, { tree, tokens }: ParsedTemplate): FeatureUse[] {
  const uses: FeatureUse[] = [];
  const note: Note = (kind, name, span) => {
    uses.push({ kind, name, span: { start: span.start, end: span.end } });
  };
  noteTokens(tokens, note);
  visit(tree, source, note);
  return uses;
}

function visit(tree: TemplateNode, source: string, note: Note): void {
  // A stack of its own: statements may stand many levels deep.
  const stack: Node[] = [...tree.body];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    noteNode(node, source, note);
    eachNode(node, (child) => {
      stack.push(child);
    });
  }
}

function noteNode(node: Node, source: string, note: Note): void {
  switch (node.kind) {
    case "filter":
      noteFilter(node, note);
      return;
    case "test":
      noteTest(node, source, note);
      return;
    case "call":
      noteCall(node, note);
      return;
    case "getattr":
      if (node.target.kind === "name" && node.target.name === "loop") note("loop", node.attribute, node.attributeSpan);
      return;
    case "name":
      if (node.name === "varargs" || node.name === "kwargs") note("statement", `macro ${node.name}`, node.span);
      return;
    case "compare":
      noteCompare(node, note);
      return;
    case "binary":
      if (node.operator === "**" || node.operator === "//") note("syntax", node.operator, node.span);
      else if (node.operator === "%" && node.left.kind === "string") note("syntax", "% format", node.span);
      else if (node.operator === "*" && (node.left.kind === "string" || node.right.kind === "string")) note("syntax", "text * number", node.span);
      return;
    default:
      noteStatement(node, source, note);
      return;
  }
}

// ── statements ───────────────────────────────────────────────────────────────────────────────────────────────────────────

function noteStatement(node: Node, source: string, note: Note): void {
  switch (node.kind) {
    case "for":
      if (node.recursive) note("statement", "for recursive", tagOf(node.span, source));
      return;
    case "assignblock":
      if (node.filter !== undefined) note("statement", "set block filter", node.filter.span);
      return;
    case "filterblock":
      if (node.filter.target !== undefined) note("statement", "filter chain", node.filter.span);
      return;
    case "callblock":
      if (node.parameters.length > 0) note("statement", "call parameters", tagOf(node.span, source));
      return;
    case "with":
    case "block":
      note("statement", node.kind, tagOf(node.span, source));
      return;
    case "scope":
      note("statement", "autoescape", tagOf(node.span, source));
      return;
    case "output":
      if (source.startsWith("{%", node.span.start)) note("statement", "print", node.span);
      return;
    default:
      return;
  }
}

/** The first tag of a statement. */
function tagOf({ start, end }: Span, source: string): Span {
  const close = source.indexOf("%}", start);
  return { start, end: close === -1 ? end : Math.min(end, close + 2) };
}

// ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The named arguments of filters that are features of their own. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  default: ["default_value"],
  join: ["attribute"],
  sort: ["attribute"],
  tojson: ["separators", "sort_keys", "indent", "ensure_ascii"],
};

/** A filter is noted by its name, with `()` where it has brackets, and by the kinds of its arguments. */
function noteFilter(node: FilterNode, note: Note): void {
  const { name, nameSpan, args } = node;
  const forms = filterForms(node);
  for (const form of forms) note("filter", `${name}(${form})`, nameSpan);
  for (const argument of args.named) if (NAMED[name]?.includes(argument.name) === true) note("filter", `${name}(${argument.name}=)`, nameSpan);
  note("filter", node.span.end > nameSpan.end ? `${name}()` : name, nameSpan);
}

function filterForms({ name, args }: FilterNode): readonly string[] {
  const { positional, named } = args;
  switch (name) {
    case "trim":
      return positional.length > 0 || named.length > 0 ? ["chars"] : [];
    case "map":
      return positional.length > 0 ? ["filter"] : ["attribute="];
    case "default":
      return positional.length > 1 || named.some((argument) => argument.name === "boolean") ? ["boolean"] : [];
    case "replace":
      return positional.length > 2 || named.some((argument) => argument.name === "count") ? ["count"] : [];
    case "selectattr":
    case "rejectattr":
      return attributeTest(positional);
    default:
      return [];
  }
}

/** How `selectattr` tests: with a test of its name alone, an operator as a test, `in`, or a test and a value. */
function attributeTest([, test, value]: readonly Expression[]): readonly string[] {
  if (test === undefined) return [];
  if (test.kind === "string" && /^[=!<>]/.test(test.value)) return ["operator"];
  if (test.kind === "string" && test.value === "in") return ["in"];
  return [value === undefined ? "test" : "test, value"];
}

function noteTest({ name, nameSpan, args }: TestNode, source: string, note: Note): void {
  note("test", name, nameSpan);
  const [argument] = args.positional;
  if (argument !== undefined && !/^\s*\(/.test(source.slice(nameSpan.end, argument.span.start + 1))) {
    note("syntax", "test argument without brackets", { start: nameSpan.start, end: argument.span.end });
  }
}

function noteCall(node: Call, note: Note): void {
  const { callee, args } = node;
  noteSpread(args, note);
  if (callee.kind !== "getattr" || (!DICT_METHODS.has(callee.attribute) && !TEXT_METHODS.has(callee.attribute))) return;
  const { attribute: name, attributeSpan } = callee;
  const form = methodForm(name, args);
  if (form !== undefined) note("method", `${name}(${form})`, attributeSpan);
  note("method", name, attributeSpan);
}

function noteSpread({ spread, spreadNamed }: Arguments, note: Note): void {
  if (spread !== undefined) note("syntax", "spread", spread.span);
  if (spreadNamed !== undefined) note("syntax", "spread named", spreadNamed.span);
}

function methodForm(name: string, args: Arguments): string | undefined {
  let count = 0;
  eachArgument(args, () => {
    count++;
  });
  switch (name) {
    case "strip":
    case "lstrip":
    case "rstrip":
      return count > 0 ? "chars" : undefined;
    case "split":
      return count > 1 || args.named.some((argument) => argument.name === "maxsplit") ? "maxsplit" : undefined;
    case "replace":
      return count > 2 ? "count" : undefined;
    case "get":
      return count > 1 ? "default" : undefined;
    case "startswith":
      return args.positional[0]?.kind === "tuple" ? "tuple" : undefined;
    default:
      return undefined;
  }
}

function noteCompare({ first, rest, span }: Compare, note: Note): void {
  if (rest.length > 1) note("syntax", "chained comparison", span);
  let left = first;
  for (const { operator, value } of rest) {
    const sides = [left, value];
    if (operator === "==" || operator === "!=") {
      if (sides.some(({ kind }) => kind === "list" || kind === "dict")) note("syntax", "list equality", span);
    } else if (operator !== "in" && operator !== "not in" && sides.some(({ kind }) => kind === "string")) note("syntax", "text order", span);
    left = value;
  }
}

// ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the tree does not show: how numbers are written, white-space signs, raw blocks, texts in several parts. */
function noteTokens(tokens: readonly Token[], note: Note): void {
  let last: Token | undefined;
  for (const token of tokens) {
    const { kind, value } = token;
    if (kind === "whitespace") continue;
    if (kind === "rawBegin") note("statement", "raw", token);
    else if (kind === "blockBegin" && value.endsWith("+")) note("syntax", "keep white space", token);
    else if ((kind === "blockEnd" || kind === "rawEnd") && value.startsWith("+")) note("syntax", "keep newline", token);
    else if (kind === "float" || kind === "integer") noteNumber(token, note);
    else if (kind === "string" && last?.kind === "string") note("syntax", "string parts", { start: last.start, end: token.end });
    last = token;
  }
}

function noteNumber(token: Token, note: Note): void {
  if (token.value.includes("_")) note("syntax", "underscores", token);
  if (/^0[xob]/i.test(token.value)) note("syntax", "hex", token);
  else if (/e/i.test(token.value)) note("syntax", "exponent", token);
}

