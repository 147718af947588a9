import type { Conversation, JsonObject, JsonValue, ToolCall } from "../conversation";
import { columnOf } from "../fields";
import { pointerTo } from "../../jsonl/pointer";
import type { Reading } from "../reading";
import { isList, isObject, member, parseJsonText } from "../values";
import { NOTHING } from "./turn";

/** The calls of a message: `tool_calls`, or OpenAI's old `function_call`. */
export function readCalls(message: JsonObject, pointer: string, reading: Reading): readonly ToolCall[] {
  const calls = member(message, "tool_calls");
  if (calls !== undefined && calls !== null) {
    const place = `${pointer}/tool_calls`;
    if (isList(calls)) return calls.length === 0 ? NOTHING : calls.map((call, i) => readCall(call, `${place}/${i}`));
    reading.fault("field", place, "tool_calls", "tool call list");
    return [unreadableCall(place)];
  }
  const legacy = member(message, "function_call");
  return isObject(legacy) ? [readCall(legacy, `${pointer}/function_call`)] : NOTHING;
}

/** A call as OpenAI writes it, `{function: {name, arguments}}`, or flat, `{name, arguments}`. */
function readCall(call: JsonValue, pointer: string): ToolCall {
  if (!isObject(call)) return unreadableCall(pointer);
  const inner = member(call, "function");
  const wrapped = isObject(inner);
  const body = wrapped ? inner : call;
  const name = member(body, "name");
  return {
    pointer,
    name: typeof name === "string" ? { text: name, pointer: `${pointer}${wrapped ? "/function" : ""}/name` } : undefined,
    arguments: member(body, "arguments"),
  };
}

/** A call of which nothing but its place is known. */
export function unreadableCall(pointer: string): ToolCall {
  return { pointer, name: undefined, arguments: undefined };
}

/**
 * The calls that a JSON text holds: one `{"name", "arguments"}`, or a list of them. Undefined where the text is anything
 * else. The names have no pointer of their own, since they stand inside a string.
 */
export function callsInText(text: string, pointer: string): readonly ToolCall[] | undefined {
  const parsed = parseJsonText(text);
  const calls: ToolCall[] = [];
  for (const item of isList(parsed) ? parsed : [parsed]) {
    if (!isObject(item)) return undefined;
    const name = member(item, "name");
    if (typeof name !== "string") return undefined;
    calls.push({ pointer, name: { text: name, pointer: null }, arguments: member(item, "arguments") });
  }
  return calls.length === 0 ? undefined : calls;
}

/** Calls as templates expect them in a message. */
export function callsForTemplate(calls: readonly ToolCall[]): JsonValue[] {
  return calls.map((call) => ({ type: "function", function: { name: call.name?.text ?? "", arguments: call.arguments ?? {} } }));
}

/** The tools of a conversation. */
export type Tools = Pick<Conversation, "tools" | "toolsPointer">;

export const NO_TOOLS: Tools = { tools: undefined, toolsPointer: undefined };

/** The tools that `owner` (the row, or OpenAI's `input`) offers: a list, or a JSON text of one. */
export function readTools(owner: JsonObject, pointer: string, reading: Reading): Tools {
  const column = columnOf(owner, reading.fields.tools);
  if (column === undefined) return NO_TOOLS;
  const value = owner[column];
  const toolsPointer = pointerTo(pointer, column);
  if (isList(value)) return { tools: value, toolsPointer };
  if (value === null || value === "") return NO_TOOLS;
  const parsed = typeof value === "string" ? parseJsonText(value) : undefined;
  if (isList(parsed)) return { tools: parsed, toolsPointer };
  // The text "null" is what a null column becomes when it is stored as text.
  if (parsed !== null) reading.fault("field", toolsPointer, column, "tool list");
  return NO_TOOLS;
}
