import { chatFormat, readChat, turnsColumn } from "./chat";
import type { Conversation, FormatId, JsonObject, Sample, TextPiece } from "./conversation";
import type { FieldMapping } from "./fields";
import { columnOf, filledColumn, pairOf } from "./fields";
import { promptColumns, questionColumns, readAlpaca, readPromptCompletion, readQuestionAnswer } from "./instruction";
import { isPreference, readPreference } from "./preference";
import { pointerTo } from "../jsonl/pointer";
import type { ConversationReader } from "./reading";
import { Reading } from "./reading";
import { isTokenized, readTokenized } from "./tokenized";

/**
 * The format of a row, or undefined where it is none that trainers read. The order matters: a KTO row also looks like a
 * chat, an Alpaca row with a `prompt` column like a prompt and its completion. A column that is there but holds the wrong
 * type still decides, so that the fault can be reported where it is.
 */
export function detectFormat(value: JsonObject, fields: FieldMapping): FormatId | undefined {
  if (isKto(value, fields)) return "kto";
  if (isPreference(value, fields)) return "preference";
  const turns = turnsColumn(value, fields);
  if (turns !== undefined) return chatFormat(value, turns, fields);
  if (pairOf(value, fields.instruction, fields.output) !== undefined) return "alpaca";
  if (promptColumns(value, fields) !== undefined) return "prompt_completion";
  if (questionColumns(value, fields) !== undefined) return "question_answer";
  if (filledColumn(value, fields.text) !== undefined) return "text";
  return isTokenized(value) ? "tokenized" : detectEmpty(value, fields);
}

/** The format of a row in which the column that makes the format is null. */
function detectEmpty(value: JsonObject, fields: FieldMapping): FormatId | undefined {
  if (columnOf(value, fields.messages) !== undefined) return "messages";
  if (columnOf(value, fields.conversations) !== undefined) return "sharegpt";
  return columnOf(value, fields.text) === undefined ? undefined : "text";
}

/** A row that says whether its answer is a good one (Kahneman-Tversky optimisation). */
function isKto(value: JsonObject, fields: FieldMapping): boolean {
  const label = columnOf(value, fields.label);
  if (label === undefined || typeof value[label] !== "boolean") return false;
  return turnsColumn(value, fields) !== undefined || pairOf(value, fields.prompt, fields.completion) !== undefined;
}

/** Reads a row: its format, its conversations, and what could not be read. Undefined where the format is unknown. Never throws. */
export function readSample(value: JsonObject, fields: FieldMapping): Sample | undefined {
  const format = detectFormat(value, fields);
  if (format === undefined) return undefined;
  const reading = new Reading(value, fields);
  const conversations = READERS[format](reading);
  const text = format === "text" ? readText(reading) : undefined;
  const tokenized = readTokenized(value, ({ kind, pointer, field, expected }) => reading.fault(kind, pointer, field, expected));
  return { format, value, conversations, text, tokenized, faults: reading.faults };
}

const READERS: Readonly<Record<FormatId, ConversationReader>> = {
  messages: readChat,
  sharegpt: readChat,
  alpaca: readAlpaca,
  prompt_completion: readPromptCompletion,
  preference: readPreference,
  kto: readKto,
  question_answer: readQuestionAnswer,
  text: () => [],
  tokenized: () => [],
};

function readKto(reading: Reading): readonly Conversation[] {
  return turnsColumn(reading.row, reading.fields) === undefined ? readPromptCompletion(reading) : readChat(reading);
}

function readText(reading: Reading): TextPiece | undefined {
  const column = columnOf(reading.row, reading.fields.text);
  if (column === undefined) return undefined;
  const text = reading.row[column];
  const pointer = pointerTo("", column);
  if (typeof text === "string") return { text, pointer };
  reading.fault("field", pointer, column, "text");
  return undefined;
}
