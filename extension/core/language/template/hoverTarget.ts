import { LineMap, type Span } from "../../../base/text";
import { childNodes, expressionChildren } from "../../jinja/runtime/analyze";
import type { Expression, Macro, NamespaceRef, Slice, Statement } from "../../jinja/syntax/ast";
import type { DocEntry } from "./docs/entry";
import { FIELD_DOCS } from "./docs/fields";
import { FILTER_DOCS } from "./docs/filters";
import { FUNCTION_DOCS, VARIABLE_DOCS } from "./docs/functions";
import { LOOP_DOCS, MAPPING_METHOD_DOCS, SPECIAL_NAME_DOCS, TEXT_METHOD_DOCS } from "./docs/members";
import { TAG_DOCS, tagOfKeyword } from "./docs/tags";
import { TEST_DOCS } from "./docs/tests";
import type { Watch } from "./liveValues";
import { type Definition, type Variable, signatureOf } from "./names";
import { placeOf } from "./places";
import type { TemplateText } from "./templateText";

/** What a pointer rests on. */
export interface HoverTarget {
  readonly span: Span;
  readonly doc: DocEntry | undefined;
  /** Where the name comes from, in a sentence. */
  readonly note: string | undefined;
  /** What to look at while the template renders. */
  readonly watch: Watch | undefined;
}

type Found = { readonly kind: "expression"; readonly node: Expression } | { readonly kind: "statement"; readonly node: Statement };

/** What is under the pointer at `offset`; undefined in comments and between tags' words. */
export function hoverTargetAt(template: TemplateText, offset: number): HoverTarget | undefined {
  const token = template.tokenAt(offset);
  if (token === undefined) return undefined;
  const { kind, start, end } = token;
  const tag = template.tags.find(({ keywordSpan }) => within(offset, keywordSpan));
  if (tag !== undefined) return { span: tag.keywordSpan, doc: TAG_DOCS.get(tagOfKeyword(tag.keyword)), note: undefined, watch: undefined };
  if (kind === "text") return { span: { start, end }, doc: undefined, note: undefined, watch: undefined };
  if (kind !== "name" && kind !== "string" && kind !== "operator" && kind !== "integer" && kind !== "float") return undefined;
  const path = nodesAt(template, offset);
  const named = kind === "name" ? template.names.at(offset) : undefined;
  if (named !== undefined) return hoverOfName(template, named, path);
  const expression = path.findLast((found) => found.kind === "expression");
  if (expression?.node.kind === "nsref") return hoverOfMemberSet(expression.node, path.findLast((found) => found.kind === "statement")?.node);
  return expression === undefined ? undefined : hoverOfExpression(template, expression.node, offset);
}

function within(offset: number, { start, end }: Span): boolean {
  return start <= offset && offset <= end;
}

/** The nodes around `offset`, the outermost first. */
function nodesAt(template: TemplateText, offset: number): Found[] {
  const path: Found[] = [];
  let nodes: readonly (Statement | Expression | Slice)[] = template.parsed.tree.body;
  for (;;) {
    const inner = nodes.find(({ span }) => span.start <= offset && offset < span.end) ?? nodes.find(({ span }) => span.end === offset && span.end > span.start);
    if (inner === undefined) return path;
    if (isStatement(inner)) path.push({ kind: "statement", node: inner });
    else if (inner.kind !== "slice") path.push({ kind: "expression", node: inner });
    nodes = isStatement(inner) ? [...childNodes(inner), ...targetsOf(inner)] : expressionChildren(inner);
  }
}

const STATEMENTS: ReadonlySet<string> = new Set([
  "text", "output", "if", "for", "macro", "callblock", "filterblock", "with", "block", "assign", "assignblock", "break", "continue", "generation",
  "include", "import", "fromimport", "extends", "scope",
]);

function isStatement(node: Statement | Expression | Slice): node is Statement {
  return STATEMENTS.has(node.kind);
}

function targetsOf(node: Statement): readonly Expression[] {
  return node.kind === "for" || node.kind === "assign" || node.kind === "assignblock" ? [node.target] : [];
}

// ── names ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

function hoverOfName(template: TemplateText, { variable, span }: { readonly variable: Variable; readonly span: Span }, path: readonly Found[]): HoverTarget {
  const definition = variable.definitions.find((candidate) => candidate.span.start === span.start);
  const macro = variable.definitions.some(({ kind }) => kind === "macro") ? macroAt(template, variable.definitions) : undefined;
  return {
    span,
    doc: macro === undefined ? docOfName(template, variable, path) : { signature: signatureOf(macro, template.source), text: "A macro of this template." },
    note: originOf(template, variable),
    watch: definition === undefined ? watchOfUse(variable, span, path) : watchOfDefinition(template, definition),
  };
}

function docOfName(template: TemplateText, { name, definitions }: Variable, path: readonly Found[]): DocEntry | undefined {
  if (definitions.length === 0) return FUNCTION_DOCS.get(name) ?? SPECIAL_NAME_DOCS.get(name) ?? VARIABLE_DOCS.get(name);
  const node = path.findLast((found) => found.kind === "expression")?.node;
  const place = node?.kind === "name" ? placeOf(node, template) : undefined;
  return place === undefined ? undefined : { signature: name, text: `\`${place}\`${FIELD_DOCS.has(place) ? `: ${FIELD_DOCS.get(place)?.text ?? ""}` : ""}` };
}

/** A use is looked at where it stands; what is called is no value to show, unless it is a variable. */
function watchOfUse({ definitions }: Variable, span: Span, path: readonly Found[]): Watch | undefined {
  const node = path.findLast((found) => found.kind === "expression")?.node;
  if (node?.kind !== "name" || definitions.some(({ kind }) => kind === "macro")) return undefined;
  const parent = path.at(-2);
  if (parent?.kind === "expression" && parent.node.kind === "call" && parent.node.callee === node) return undefined;
  if (node.name === "loop") return undefined;
  return { kind: "expression", span };
}

function watchOfDefinition(template: TemplateText, { kind, name, value, statement }: Definition): Watch | undefined {
  if (kind === "set" || kind === "with") return value === undefined ? undefined : { kind: "expression", span: value.span };
  if (kind !== "loop" && kind !== "parameter") return undefined;
  const tag = template.tags.find(({ span }) => span.start === statement.start);
  return tag === undefined ? undefined : { kind: "name", name, offset: tag.span.end };
}

function macroAt(template: TemplateText, definitions: readonly Definition[]): Macro | undefined {
  const start = definitions.find(({ kind }) => kind === "macro")?.statement.start ?? -1;
  const stack: (Statement | Expression | Slice)[] = [...template.parsed.tree.body];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node.kind === "macro" && node.span.start === start) return node;
    if (isStatement(node) && node.span.start <= start && start < node.span.end) stack.push(...childNodes(node));
  }
  return undefined;
}

const ORIGINS = { macro: "Macro", set: "Set", loop: "Loop variable", parameter: "Parameter", with: "Set by with", block: "Block" } as const;

/** How many lines are named. */
const MAX_LINES = 5;

function originOf(template: TemplateText, { name, definitions, fromContext }: Variable): string | undefined {
  const [first] = definitions;
  if (first === undefined) return FUNCTION_DOCS.has(name) || SPECIAL_NAME_DOCS.has(name) || VARIABLE_DOCS.has(name) ? undefined : "Not set in this template: it must come from the trainer, or it is undefined.";
  const lines = new LineMap(template.source);
  const numbers = [...new Set(definitions.map(({ span }) => lines.positionAt(span.start).line))];
  const shown = numbers.slice(0, MAX_LINES).join(", ") + (numbers.length > MAX_LINES ? ", …" : "");
  const where = `${ORIGINS[first.kind]}, ${numbers.length === 1 ? "line" : "lines"} ${shown}.`;
  return fromContext ? `${where} The trainer may give it too.` : where;
}

// ── expressions ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function hoverOfExpression(template: TemplateText, node: Expression, offset: number): HoverTarget | undefined {
  const target = { note: undefined, watch: { kind: "expression", span: plain(node.span) } as const };
  switch (node.kind) {
    case "filter":
      if (node.target === undefined) return { span: plain(node.nameSpan), doc: FILTER_DOCS.get(node.name), note: undefined, watch: undefined };
      return within(offset, node.nameSpan) ? { span: plain(node.nameSpan), doc: FILTER_DOCS.get(node.name), ...target } : { span: plain(node.span), doc: undefined, ...target };
    case "test":
      return within(offset, node.nameSpan) ? { span: plain(node.nameSpan), doc: TEST_DOCS.get(node.name), ...target } : { span: plain(node.span), doc: undefined, ...target };
    case "getattr":
      return { span: plain(within(offset, node.attributeSpan) ? node.attributeSpan : node.span), doc: docOfMember(node, template), ...target };
    case "string":
      // There is no value to look up, but what it writes can be seen in the prompt.
      return { span: plain(node.span), doc: undefined, note: undefined, watch: undefined };
    case "const":
    case "broken":
    case "nsref":
      return undefined;
    default:
      return { span: plain(node.span), doc: undefined, ...target };
  }
}

/** A member of a namespace where it is set: what it is set to. */
function hoverOfMemberSet({ name, span }: NamespaceRef, statement: Statement | undefined): HoverTarget {
  const watch = statement?.kind === "assign" ? ({ kind: "expression", span: plain(statement.value.span) } as const) : undefined;
  return { span: plain(span), doc: undefined, note: `A member of the namespace ${name}.`, watch };
}

function docOfMember(node: Extract<Expression, { kind: "getattr" }>, template: TemplateText): DocEntry | undefined {
  const { target, attribute } = node;
  if (target.kind === "name" && target.name === "loop") return LOOP_DOCS.get(attribute);
  const place = placeOf(node, template);
  const field = place === undefined ? undefined : FIELD_DOCS.get(place);
  return field ?? MAPPING_METHOD_DOCS.get(attribute) ?? TEXT_METHOD_DOCS.get(attribute);
}

function plain({ start, end }: Span): Span {
  return { start, end };
}
