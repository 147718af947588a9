import type { Conversation, JsonObject, Turn } from "./conversation";
import type { FieldMapping } from "./fields";
import { columnOf, filledColumn } from "./fields";
import { pointerTo } from "../jsonl/pointer";
import type { Reading } from "./reading";
import { readTools } from "./turn/calls";
import type { Dialogue } from "./turn/dialogue";
import { isShareGptList, readTurnList, textDialogue } from "./turn/dialogue";
import { isList } from "./values";

/** The column that holds the turns of a chat row, or undefined where there is none. */
export function turnsColumn(row: JsonObject, fields: FieldMapping): string | undefined {
  return filledColumn(row, fields.messages) ?? filledColumn(row, fields.conversations);
}

/**
 * Which of the two chat formats a column is in. Its turns decide, not its name: `conversations` may hold role/content, and
 * `messages` from/value. Where they do not say, the name does.
 */
export function chatFormat(row: JsonObject, column: string, fields: FieldMapping): "messages" | "sharegpt" {
  const value = row[column];
  const named = fields.messages.includes(column) ? "messages" : "sharegpt";
  if (!isList(value)) return named;
  if (isShareGptList(value)) return "sharegpt";
  return value.length === 0 ? named : "messages";
}

/** Reads `messages` and `sharegpt` rows. */
export function readChat(reading: Reading): readonly Conversation[] {
  const { row, fields } = reading;
  const column = turnsColumn(row, fields) ?? columnOf(row, fields.messages) ?? columnOf(row, fields.conversations);
  if (column === undefined) return [];
  const dialogue = readTurnsColumn(column, reading);
  const { pointer, turns, messages } = dialogue;
  return [{ variant: undefined, pointer, turns, messages, ...readTools(row, "", reading), promptOnly: isPromptOnly(reading, turns) }];
}

/** The turns of a chat column, with the row's `system` text before ShareGPT turns that have no system turn of their own. */
export function readTurnsColumn(column: string, reading: Reading): Dialogue {
  const dialogue = readTurnList(reading.row[column], pointerTo("", column), column, reading);
  if (chatFormat(reading.row, column, reading.fields) !== "sharegpt" || dialogue.turns[0]?.role === "system") return dialogue;
  const system = readSystem(reading);
  if (system === undefined) return dialogue;
  return {
    pointer: dialogue.pointer,
    turns: [...system.turns, ...dialogue.turns],
    messages: [...system.messages, ...dialogue.messages],
  };
}

/** The turn that the row's `system` column makes; undefined where it is absent or empty, as trainers then leave it out. */
export function readSystem(reading: Reading): Dialogue | undefined {
  const column = columnOf(reading.row, reading.fields.system);
  if (column === undefined) return undefined;
  const value = reading.row[column];
  if (value === null || value === "") return undefined;
  const pointer = pointerTo("", column);
  if (typeof value === "string") return textDialogue("system", value, pointer);
  reading.fault("field", pointer, column, "text");
  return undefined;
}

/** Rows for reinforcement learning carry what the answer is graded by, and no answer. */
function isPromptOnly(reading: Reading, turns: readonly Turn[]): boolean {
  return columnOf(reading.row, reading.fields.ground_truth) !== undefined && turns.at(-1)?.role !== "assistant";
}
