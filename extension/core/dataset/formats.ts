import { chatFormat, readChat, turnsColumn } from "./chat";
import type { Conversation, FormatId, JsonObject, Sample, TextPiece } from "./conversation";
import type { FieldMapping } from "./fields";
import { columnOf, filledColumn, pairOf } from "./fields";
import { promptColumns, questionColumns, readAlpaca, readPromptCompletion, readQuestionAnswer } from "./instruction";
import { isPreference, readPreference } from "./preference";
import { pointerTo } from "../jsonl/pointer";
import type { ConversationReader } from "./reading";
import { Reading } from "./reading";
import { TOKEN_IDS, isTokenized, readTokenized } from "./tokenized";
import { isList, isObject } from "./values";

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

/**
 * The member that a row's format is told by, as a JSON Pointer: the first of its columns, or, where a chat's column has the
 * name of the other chat format, the first turn's member that says which one it is.
 */
export function formatMember({ value, format }: Sample, fields: FieldMapping): string {
  const column = FORMAT_COLUMNS[format](value, fields);
  if (column === undefined) return "";
  const pointer = pointerTo("", column);
  const [named, member] = format === "sharegpt" ? [fields.conversations, "from"] : [fields.messages, "role"];
  if ((format !== "sharegpt" && format !== "messages") || named.includes(column)) return pointer;
  const turns = value[column];
  const index = isList(turns) ? turns.findIndex((turn) => isObject(turn) && Object.hasOwn(turn, member)) : -1;
  return index === -1 ? pointer : `${pointer}/${index}/${member}`;
}

const chatColumn = (value: JsonObject, fields: FieldMapping): string | undefined =>
  turnsColumn(value, fields) ?? columnOf(value, fields.messages) ?? columnOf(value, fields.conversations);

const FORMAT_COLUMNS: Readonly<Record<FormatId, (value: JsonObject, fields: FieldMapping) => string | undefined>> = {
  messages: chatColumn,
  sharegpt: chatColumn,
  alpaca: (value, fields) => columnOf(value, fields.instruction),
  prompt_completion: (value, fields) => promptColumns(value, fields)?.[0],
  preference: (value, fields) => pairOf(value, fields.chosen, fields.rejected)?.[0] ?? columnOf(value, fields.preferred_output),
  kto: (value, fields) => columnOf(value, fields.label),
  question_answer: (value, fields) => columnOf(value, fields.question),
  text: (value, fields) => columnOf(value, fields.text),
  tokenized: () => TOKEN_IDS,
};

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
