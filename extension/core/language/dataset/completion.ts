import type { Span } from "../../../base/text";
import { DEFAULT_FIELDS, type FieldMapping, type FieldName } from "../../dataset/fields";
import type { FormatId } from "../../dataset/conversation";
import { MESSAGE_ROLES, SHAREGPT_ROLES } from "../../dataset/turn/roles";
import { parseJson } from "../../jsonl/parse";
import { pointerOf, pointerSteps } from "../../jsonl/pointer";
import type { JsonTree, NodeId } from "../../jsonl/tree";
import { type JsonStyle, styleOf } from "../../jsonl/treeEdits";

/** Something that may stand at the cursor. */
export interface CompletionEntry {
  readonly label: string;
  readonly kind: "key" | "value" | "turn";
  /** One sentence on what it is. */
  readonly detail: string;
  /** What to insert, as a snippet: `$1`, `$0` are stops for the cursor; `\$`, `\}` and `\\` stand for themselves. */
  readonly snippet: string;
  /** What it replaces in the row's text. */
  readonly replace: Span;
}

/** Columns that belong to a format, in the order in which people write them. */
const COLUMNS: Readonly<Record<FormatId, readonly FieldName[]>> = {
  messages: ["messages", "tools"],
  sharegpt: ["conversations", "system", "tools"],
  alpaca: ["instruction", "input", "output", "system", "history"],
  prompt_completion: ["prompt", "completion", "tools"],
  preference: ["prompt", "chosen", "rejected", "tools"],
  kto: ["prompt", "completion", "messages", "label"],
  question_answer: ["question", "answer"],
  text: ["text"],
  // Nobody writes ids by hand.
  tokenized: [],
};

/** Columns that hold a list; all others hold a text. */
const LISTS: ReadonlySet<string> = new Set(["messages", "conversations", "tools", "history"]);

interface Key {
  readonly name: string;
  readonly detail: string;
  /** The value, as a snippet. */
  readonly value: string;
}

const key = (name: string, value: string, detail: string): Key => ({ name, value, detail });

const MESSAGE_KEYS: readonly Key[] = [
  key("role", '"$1"', "Who speaks."),
  key("content", '"$1"', "What is said: a text, or a list of content parts."),
  key("tool_calls", "[$1]", "The calls that the assistant makes."),
  key("tool_call_id", '"$1"', "The call that a tool turn is the result of."),
  key("name", '"$1"', "The name of the speaker, or of the tool."),
  key("reasoning_content", '"$1"', "What the model thinks before it answers."),
  key("weight", "$1", "0 where the turn is not to be trained on, else 1."),
];
const SHAREGPT_KEYS: readonly Key[] = [key("from", '"$1"', "Who speaks."), key("value", '"$1"', "What is said.")];
const CALL_KEYS: readonly Key[] = [
  key("id", '"$1"', "Names the call for its result."),
  key("type", '"function"', "The kind of call."),
  key("function", '{"name": "$1", "arguments": {$2}}', "What is called, and with what."),
];
const FUNCTION_KEYS: readonly Key[] = [key("name", '"$1"', "The function that is called."), key("arguments", "{$1}", "What it is called with.")];
const PART_KEYS: readonly Key[] = [
  key("type", '"$1"', "The kind of part."),
  key("text", '"$1"', "The text of a text part."),
  key("image_url", '{"url": "$1"}', "The picture of an image part."),
];
const PART_TYPES = ["text", "image_url", "image", "input_audio", "video"] as const;

/** What may stand at `offset` of a row. @param expected the format of most rows of the file, as far as it is known */
export function completionsAt(text: string, offset: number, fields: FieldMapping, expected: FormatId | undefined): readonly CompletionEntry[] {
  const { tree } = parseJson(text);
  const cursor = cursorAt(tree, offset);
  if (cursor === undefined) return [];
  const context = { tree, fields, expected, style: styleOf(tree), ...cursor };
  if (cursor.kind === "key") return keysAt(context);
  return cursor.key === undefined ? elementsAt(context) : valuesAt(context, cursor.key);
}

/** The cursor in a container: where a key is expected, or a value, with its key in an object. */
interface Cursor {
  readonly container: NodeId;
  readonly steps: readonly string[];
  readonly kind: "key" | "value";
  readonly key: string | undefined;
  readonly replace: Span;
}

interface Context extends Cursor {
  readonly tree: JsonTree;
  readonly fields: FieldMapping;
  readonly expected: FormatId | undefined;
  readonly style: JsonStyle;
}

function cursorAt(tree: JsonTree, offset: number): Cursor | undefined {
  const container = containerAt(tree, offset);
  if (container === undefined) return undefined;
  const string = stringAt(tree, container, offset);
  const replace = string === undefined ? { start: offset, end: offset } : tree.span(string);
  const before = tree.text.slice(0, replace.start).trimEnd();
  const mark = before.at(-1);
  const place = { container, steps: pointerSteps(pointerOf(tree, container)), replace };
  if (tree.kind(container) === "array") return mark === "[" || mark === "," ? { ...place, kind: "value", key: undefined } : undefined;
  if (mark === "{" || mark === ",") return { ...place, kind: "key", key: undefined };
  if (mark !== ":") return undefined;
  const owner = tree.children(container).findLast((each) => tree.span(each).end < before.length + 1 && tree.span(each).start < replace.start);
  if (owner === undefined) return undefined;
  // A value that begins at the cursor is replaced: two in a row are no JSON.
  const value = tree.valueOf(owner);
  const isThere = string === undefined && tree.kind(value) === "string" && tree.span(value).start === offset;
  return { ...place, ...(isThere ? { replace: tree.span(value) } : {}), kind: "value", key: tree.string(owner) };
}

/** The innermost object or array around the place. */
function containerAt(tree: JsonTree, offset: number): NodeId | undefined {
  let found: NodeId | undefined;
  for (let node: NodeId = 0; node < tree.size; node++) {
    const kind = tree.kind(node);
    const { start, end } = tree.span(node);
    if (start >= offset) break;
    if ((kind === "object" || kind === "array") && (offset < end || (end === tree.text.length && !/[\]}]\s*$/.test(tree.text.slice(start, offset))))) found = node;
  }
  return found;
}

/** The string, key or value, that the place is inside of. */
function stringAt(tree: JsonTree, container: NodeId, offset: number): NodeId | undefined {
  for (let node = container + 1; node < tree.after(container); node++) {
    const { start, end } = tree.span(node);
    if (tree.kind(node) === "string" && start < offset && offset < end) return node;
  }
  return undefined;
}

function keysAt(context: Context): readonly CompletionEntry[] {
  const { tree, container, replace, style } = context;
  const present = new Set(tree.children(container).filter((each) => tree.span(each).start !== replace.start).map((each) => tree.string(each)));
  // A key that has its value already only gets its name.
  const hasValue = /^\s*:/.test(tree.text.slice(replace.end));
  return keysOf(context)
    .filter(({ name }) => !present.has(name))
    .map(({ name, detail, value }) => ({ label: name, kind: "key", detail, replace, snippet: `"${name}"${hasValue ? "" : `${style.colon}${value}`}` }));
}

function keysOf(context: Context): readonly Key[] {
  const { steps, fields, expected } = context;
  if (steps.length === 0) return columnsOf(fields, expected);
  if (isTurn(context)) return isShareGptList(context, 1) ? SHAREGPT_KEYS : MESSAGE_KEYS;
  const [parent, last] = [steps.at(-2), steps.at(-1)];
  if (parent === "tool_calls") return CALL_KEYS;
  if (last === "function" || last === "function_call") return FUNCTION_KEYS;
  return parent === "content" ? PART_KEYS : [];
}

function columnsOf(fields: FieldMapping, expected: FormatId | undefined): readonly Key[] {
  const names = expected === undefined ? [...new Set(Object.values(COLUMNS).flat())] : COLUMNS[expected];
  return names.map((name) => {
    const value = LISTS.has(name) ? "[$1]" : name === "label" ? "${1|true,false|}" : '"$1"';
    return key(fields[name][0] ?? name, value, expected === undefined ? `A column of the format ${formatOf(name)}.` : `A column of the format ${expected}.`);
  });
}

function formatOf(column: FieldName): string {
  return (Object.keys(COLUMNS) as FormatId[]).find((format) => COLUMNS[format].includes(column)) ?? "";
}

function valuesAt({ steps, replace, tree, container, ...rest }: Context, name: string): readonly CompletionEntry[] {
  const value = (label: string, detail: string): CompletionEntry => ({ label, kind: "value", detail, replace, snippet: `"${label}"` });
  const context = { ...rest, steps, replace, tree, container };
  if (isTurn(context) && name === "role") return rolesInOrder(context, MESSAGE_ROLES).map((role) => value(role, "A role of messages."));
  if (isTurn(context) && name === "from") return rolesInOrder(context, SHAREGPT_ROLES).map((role) => value(role, "A speaker of ShareGPT turns."));
  if (name === "type" && steps.at(-2) === "content") return PART_TYPES.map((type) => value(type, "A kind of content part."));
  if (name === "type" && steps.at(-2) === "tool_calls") return [value("function", "A call of a function.")];
  return [];
}

/** A new turn in a list of turns. */
function elementsAt(context: Context): readonly CompletionEntry[] {
  const { steps, replace, style } = context;
  if (!isTurnList(context, steps)) return [];
  const shareGpt = isShareGptList(context, 0);
  const [role, content] = shareGpt ? ["from", "value"] : ["role", "content"];
  return rolesInOrder(context, shareGpt ? SHAREGPT_ROLES.slice(0, 3) : MESSAGE_ROLES.filter((each) => each !== "developer")).map((word) => ({
    label: word,
    kind: "turn",
    detail: `A turn of the role ${word}.`,
    replace,
    snippet: `{"${role}"${style.colon}"${word}"${style.comma}"${content}"${style.colon}"$1"\\}`,
  }));
}

/** The role that follows the one before comes first. */
function rolesInOrder({ tree, container, steps, replace }: Context, roles: readonly string[]): readonly string[] {
  const list = tree.kind(container) === "array" ? container : listOf(tree, container);
  const before = tree.children(list).filter((turn) => tree.span(turn).end <= replace.start);
  const last = before.at(-1);
  const named = last === undefined ? undefined : (tree.member(last, "role") ?? tree.member(last, "from"));
  const previous = named === undefined ? "" : tree.string(tree.valueOf(named));
  const next = steps.length === 0 ? undefined : NEXT[previous];
  return next !== undefined && roles.includes(next) ? [next, ...roles.filter((role) => role !== next)] : roles;
}

const NEXT: Readonly<Record<string, string>> = {
  system: "user",
  user: "assistant",
  assistant: "user",
  tool: "assistant",
  human: "gpt",
  gpt: "human",
  function_call: "observation",
  observation: "gpt",
};

/** The array that holds an element. */
function listOf(tree: JsonTree, element: NodeId): NodeId {
  for (let node = element - 1; node > 0; node--) if (tree.kind(node) === "array" && tree.after(node) > element) return node;
  return 0;
}

function isTurn(context: Context): boolean {
  return context.tree.kind(context.container) === "object" && isTurnList(context, context.steps.slice(0, -1));
}

/** Columns whose lists hold turns, by every name that they may have. */
function isTurnList({ fields }: Context, steps: readonly string[]): boolean {
  const column = steps[0];
  if (column === undefined) return false;
  const holds = (["messages", "conversations", "prompt", "completion", "chosen", "rejected", "preferred_output", "non_preferred_output"] as const).some(
    (name) => fields[name].includes(column) || DEFAULT_FIELDS[name].includes(column),
  );
  return (steps.length === 1 && holds) || (steps.length === 2 && steps[1] === "messages");
}

/** Whether the list `up` steps above the container is written as ShareGPT does, or has such a name and says nothing else. */
function isShareGptList({ tree, container, steps, fields }: Context, up: 0 | 1): boolean {
  const list = up === 0 ? container : listOf(tree, container);
  for (const turn of tree.children(list)) {
    if (tree.member(turn, "role") !== undefined) return false;
    if (tree.member(turn, "from") !== undefined) return true;
  }
  return fields.conversations.includes(steps[0] ?? "");
}
