import type { JsonValue, Turn } from "../conversation";
import type { Reading } from "../reading";
import { isObject, member } from "../values";
import { callsForTemplate, callsInText, unreadableCall } from "./calls";
import { readContent } from "./content";
import { readTrained } from "./message";
import { FUNCTION_CALL, shareGptRole } from "./roles";
import { NOTHING, turnText, unreadableTurn } from "./turn";

/** Reads a ShareGPT turn: `{"from", "value"}`. Never throws; what is wrong becomes a fault. */
export function readShareGptTurn(item: JsonValue, pointer: string, reading: Reading): Turn {
  if (!isObject(item)) {
    reading.fault("field", pointer, "turn", "message");
    return unreadableTurn(pointer);
  }
  const rawRole = member(item, "from");
  const hasValue = Object.hasOwn(item, "value");
  const valuePointer = `${pointer}/value`;
  const value = hasValue ? item.value : undefined;
  const called = rawRole === FUNCTION_CALL && typeof value === "string";
  const content = called ? undefined : readContent(value, valuePointer, "value", reading);
  return {
    pointer,
    role: shareGptRole(rawRole),
    rawRole,
    rolePointer: rawRole === undefined ? pointer : `${pointer}/from`,
    contentPointer: hasValue ? valuePointer : null,
    content: content?.text ?? NOTHING,
    media: content?.media ?? NOTHING,
    toolCalls: called ? readCall(value, valuePointer, reading) : (content?.calls ?? NOTHING),
    reasoning: content?.reasoning ?? NOTHING,
    name: undefined,
    trained: readTrained(item),
  };
}

/** LLaMA-Factory stops at a call that is no JSON ("Invalid JSON format in function message"). */
function readCall(text: string, pointer: string, reading: Reading): Turn["toolCalls"] {
  const calls = callsInText(text, pointer);
  if (calls === undefined) reading.fault("field", pointer, FUNCTION_CALL, "function call");
  return calls ?? [unreadableCall(pointer)];
}

/** A ShareGPT turn as a template is given it: `{role, content}`, with its calls. */
export function shareGptMessage(turn: Turn, item: JsonValue): JsonValue {
  const role = turn.role ?? (typeof turn.rawRole === "string" ? turn.rawRole : "");
  if (turn.toolCalls.length > 0) return { role, content: turnText(turn), tool_calls: callsForTemplate(turn.toolCalls) };
  const value = isObject(item) ? member(item, "value") : undefined;
  return { role, content: value ?? "" };
}
