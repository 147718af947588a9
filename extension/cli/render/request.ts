import { LineMap } from "../../base/text";
import { fromJson, fromJsonTree } from "../../core/jinja/value/json";
import { truth } from "../../core/jinja/value/protocol";
import { isStr, textOf } from "../../core/jinja/value/text";
import type { Value } from "../../core/jinja/value/types";
import { parseJson } from "../../core/jsonl/parse";
import { pointerTo } from "../../core/jsonl/pointer";
import type { JsonTree, NodeId } from "../../core/jsonl/tree";
import type { JsonValue } from "../../core/dataset/conversation";
import type { ChatArguments } from "../../core/template/environment";
import { TemplateRefusal } from "../../core/template/renderer";

/** The variables that a template is rendered with, and whether they are those of a conversation. */
export interface RenderData {
  /** Whether there are messages, so that the rules of `apply_chat_template` hold. */
  readonly chat: boolean;
  readonly variables: ReadonlyMap<string, Value>;
  readonly continueFinal: boolean | string;
}

/** White-space options of the lexer, where a line sets them. */
export interface SyntaxChoice {
  readonly trimBlocks?: boolean;
  readonly lstripBlocks?: boolean;
  readonly keepTrailingNewline?: boolean;
}

/** A line of a batch. */
export interface BatchRequest {
  /** JSON text, to be given back as it came. */
  readonly id: string;
  readonly templateFile: string | undefined;
  readonly source: string | undefined;
  readonly syntax: SyntaxChoice;
  readonly data: RenderData;
}

/** The data of `--data`: an object of variables, or the messages alone. @throws TemplateRefusal when it is neither. */
export function readData(text: string, provenance: boolean): RenderData {
  const tree = parse(text, 1);
  if (tree.kind(0) === "array") return dataOf(new Map([["messages", fromJsonTree(tree, 0, provenance ? "/messages" : undefined)]]));
  if (tree.kind(0) !== "object") throw invalid("The data must be a JSON object of variables, or an array of messages.", 1, 1);
  return dataOf(members(tree, 0, provenance));
}

/** @throws TemplateRefusal when the line is no JSON object, or a field has another type than it must. `line` counts from 1. */
export function readBatchLine(text: string, line: number, provenance: boolean): BatchRequest {
  const tree = parse(text, line);
  if (tree.kind(0) !== "object") throw invalid("A line of a batch must be a JSON object.", line, 1);
  const at = (name: string): NodeId | undefined => {
    const key = tree.member(0, name);
    return key === undefined || tree.kind(tree.valueOf(key)) === "null" ? undefined : tree.valueOf(key);
  };
  const string = (name: string): string | undefined => {
    const node = at(name);
    if (node === undefined) return undefined;
    if (tree.kind(node) !== "string") throw invalid(`"${name}" must be a string.`, line, tree.span(node).start + 1);
    return tree.string(node);
  };
  const flag = (name: string): boolean | undefined => {
    const node = at(name);
    if (node === undefined) return undefined;
    const kind = tree.kind(node);
    if (kind !== "true" && kind !== "false") throw invalid(`"${name}" must be true or false.`, line, tree.span(node).start + 1);
    return kind === "true";
  };
  const data = at("data");
  if (data !== undefined && tree.kind(data) !== "object") throw invalid(`"data" must be an object.`, line, tree.span(data).start + 1);
  return {
    id: idOf(tree),
    templateFile: string("template"),
    source: string("source"),
    syntax: syntaxOf(flag("trim_blocks"), flag("lstrip_blocks"), flag("keep_trailing_newline")),
    data: dataOf(data === undefined ? new Map() : members(tree, data, provenance)),
  };
}

/** The id of a line as JSON text, also of one that cannot be used otherwise; null without any. */
export function idOfLine(text: string): string {
  const { tree, problems } = parseJson(text);
  return problems.length > 0 || tree.kind(0) !== "object" ? "null" : idOf(tree);
}

/** `variables` as the arguments of `apply_chat_template`, with the special tokens of a model, which they override. */
export function chatArguments({ variables }: RenderData, specialTokens: ReadonlyMap<string, Value>): ChatArguments {
  const rest = new Map(specialTokens);
  for (const [name, value] of variables) if (!CHAT_ARGUMENTS.has(name)) rest.set(name, value);
  return {
    messages: variables.get("messages") ?? null,
    tools: variables.get("tools") ?? null,
    documents: variables.get("documents") ?? null,
    addGenerationPrompt: variables.get("add_generation_prompt") ?? false,
    variables: rest,
  };
}

const CHAT_ARGUMENTS = new Set(["messages", "tools", "documents", "add_generation_prompt", "continue_final_message"]);

/** The values of a model's special tokens. */
export function specialTokenValues(tokens: Readonly<Record<string, JsonValue>>): ReadonlyMap<string, Value> {
  return new Map(Object.entries(tokens).map(([name, token]) => [name, fromJson(token)]));
}

function dataOf(variables: ReadonlyMap<string, Value>): RenderData {
  const chat = variables.has("messages");
  const wanted = chat ? variables.get("continue_final_message") : undefined;
  return { chat, variables, continueFinal: wanted === undefined ? false : isStr(wanted) ? textOf(wanted) : truth(wanted) };
}

function members(tree: JsonTree, object: NodeId, provenance: boolean): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const key of tree.children(object)) {
    const name = tree.string(key);
    values.set(name, fromJsonTree(tree, tree.valueOf(key), provenance ? pointerTo("", name) : undefined));
  }
  return values;
}

function idOf(tree: JsonTree): string {
  const key = tree.member(0, "id");
  return key === undefined ? "null" : tree.source(tree.valueOf(key));
}

function syntaxOf(trimBlocks?: boolean, lstripBlocks?: boolean, keepTrailingNewline?: boolean): SyntaxChoice {
  return {
    ...(trimBlocks === undefined ? {} : { trimBlocks }),
    ...(lstripBlocks === undefined ? {} : { lstripBlocks }),
    ...(keepTrailingNewline === undefined ? {} : { keepTrailingNewline }),
  };
}

function parse(text: string, line: number): JsonTree {
  const { tree, problems } = parseJson(text);
  const problem = problems[0];
  if (problem === undefined) return tree;
  const place = new LineMap(text).positionAt(problem.start);
  throw invalid(problem.message, line + place.line - 1, place.column);
}

function invalid(message: string, line: number, column: number): TemplateRefusal {
  return new TemplateRefusal(message, { type: "JSONDecodeError", place: { span: { start: 0, end: 0 }, line, column } });
}
