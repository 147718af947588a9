import type { Conversation, JsonObject, JsonValue, Role, Turn } from "../conversation";
import { pointerTo } from "../../jsonl/pointer";
import type { Reading } from "../reading";
import type { Tools } from "./calls";
import { isList, isObject } from "../values";
import { readContent } from "./content";
import { readMessage } from "./message";
import { readShareGptTurn, shareGptMessage } from "./sharegpt";
import { impliedTurn, NOTHING, unreadableTurn } from "./turn";

/** Turns and, for each, what a template is given. */
export interface Dialogue {
  /** The value that holds the turns. */
  readonly pointer: string;
  readonly turns: readonly Turn[];
  readonly messages: readonly JsonValue[];
}

/** Whether the turns of a list are written as ShareGPT does. The first turn that has a role decides for all. */
export function isShareGptList(list: readonly JsonValue[]): boolean {
  for (const item of list) {
    if (!isObject(item)) continue;
    if (Object.hasOwn(item, "role")) return false;
    if (Object.hasOwn(item, "from")) return true;
  }
  return false;
}

/** Reads a list of turns, of messages or in ShareGPT's form. A value that is no list, or empty, is a fault and gives no turns. */
export function readTurnList(value: JsonValue | undefined, pointer: string, field: string, reading: Reading): Dialogue {
  if (!isList(value)) {
    reading.fault("field", pointer, field, "message list");
    return { pointer, turns: NOTHING, messages: NOTHING };
  }
  if (value.length === 0) reading.fault("empty", pointer, field, "message list");
  if (!isShareGptList(value)) {
    return { pointer, turns: value.map((item, i) => readMessage(item, `${pointer}/${i}`, reading)), messages: value };
  }
  const turns = value.map((item, i) => readShareGptTurn(item, `${pointer}/${i}`, reading));
  return { pointer, turns, messages: turns.map((turn, i) => shareGptMessage(turn, value[i] ?? null)) };
}

/** Reads one turn that stands alone instead of in a list. */
export function readSingleTurn(item: JsonObject, pointer: string, reading: Reading): Dialogue {
  if (!isShareGptList([item])) return { pointer, turns: [readMessage(item, pointer, reading)], messages: [item] };
  const turn = readShareGptTurn(item, pointer, reading);
  return { pointer, turns: [turn], messages: [shareGptMessage(turn, item)] };
}

/**
 * Reads the column of a format that keeps question and answer apart: a text, a list of messages, or a list of content
 * parts. What cannot be read becomes a turn without a role, so that the other column is still judged.
 */
export function readSide(column: string, role: Role, reading: Reading): Dialogue {
  const pointer = pointerTo("", column);
  const value = reading.row[column];
  if (typeof value === "string") return textDialogue(role, value, pointer);
  if (!isList(value)) {
    reading.fault("field", pointer, column, "text or message list");
    return unreadable(pointer);
  }
  if (isPartList(value)) {
    const content = readContent(value, pointer, column, reading);
    const turn = { ...impliedTurn(role, pointer, content.text), media: content.media };
    return { pointer, turns: [turn], messages: [{ role, content: value }] };
  }
  return standIn(readTurnList(value, pointer, column, reading));
}

/** A dialogue of one implied turn. */
export function textDialogue(role: Role, text: string, pointer: string): Dialogue {
  return { pointer, turns: [impliedTurn(role, pointer, [{ text, pointer }])], messages: [{ role, content: text }] };
}

/** Stands for a value of which no turn can be read. */
export function unreadable(pointer: string): Dialogue {
  return { pointer, turns: [unreadableTurn(pointer)], messages: NOTHING };
}

/** The dialogue, or where it has no turns one that cannot be judged: what is wrong was reported when it was read. */
export function standIn(dialogue: Dialogue): Dialogue {
  return dialogue.turns.length === 0 ? unreadable(dialogue.pointer) : dialogue;
}

/** The conversation of dialogues that several members of the row hold. */
export function joined(sides: readonly Dialogue[], variant: Conversation["variant"], tools: Tools): Conversation {
  // Loops, since every row of most formats comes through here and flatMap takes several times as long.
  const turns: Turn[] = [];
  const messages: JsonValue[] = [];
  for (const side of sides) {
    for (const turn of side.turns) turns.push(turn);
    for (const message of side.messages) messages.push(message);
  }
  return { variant, pointer: "", turns, messages, ...tools, promptOnly: false };
}

/** Whether a list holds content parts rather than messages. */
function isPartList(list: readonly JsonValue[]): boolean {
  const first = list[0];
  return isObject(first) && Object.hasOwn(first, "type") && !Object.hasOwn(first, "role");
}
