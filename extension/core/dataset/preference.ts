import type { Conversation, JsonObject, JsonValue, Turn } from "./conversation";
import { readTurnsColumn, readSystem, turnsColumn } from "./chat";
import type { FieldMapping } from "./fields";
import { columnOf, filledColumn, pairOf } from "./fields";
import { readInstruction } from "./instruction";
import { pointerTo } from "../jsonl/pointer";
import type { Reading } from "./reading";
import { NO_TOOLS, readTools, type Tools } from "./turn/calls";
import type { Dialogue } from "./turn/dialogue";
import { joined, readSide, readSingleTurn, readTurnList, standIn, textDialogue, unreadable } from "./turn/dialogue";
import { turnText } from "./turn/turn";
import { isList, isObject } from "./values";

type Variant = "chosen" | "rejected";

/** Whether the row compares two answers. */
export function isPreference(row: JsonObject, fields: FieldMapping): boolean {
  return pairOf(row, fields.chosen, fields.rejected) !== undefined || openAiColumns(row, fields) !== undefined;
}

/** Reads `preference` rows: two conversations that share their prompt, or that hold it each. */
export function readPreference(reading: Reading): readonly Conversation[] {
  const { row, fields } = reading;
  const answers = pairOf(row, fields.chosen, fields.rejected);
  if (answers === undefined) return readOpenAiPreference(reading);
  const prompt = readPrompt(reading);
  const tools = readTools(row, "", reading);
  return [
    compared("chosen", prompt, readAnswer(answers[0], reading), tools),
    compared("rejected", prompt, readAnswer(answers[1], reading), tools),
  ];
}

/** OpenAI: `{"input": {"messages"}, "preferred_output", "non_preferred_output"}`, the outputs lists of one assistant message. */
function openAiColumns(row: JsonObject, fields: FieldMapping): readonly [string, string, string] | undefined {
  const outputs = pairOf(row, fields.preferred_output, fields.non_preferred_output);
  if (outputs === undefined) return undefined;
  const input = columnOf(row, fields.input);
  return input === undefined ? undefined : [input, ...outputs];
}

function readOpenAiPreference(reading: Reading): readonly Conversation[] {
  const columns = openAiColumns(reading.row, reading.fields);
  if (columns === undefined) return [];
  const [column, preferred, other] = columns;
  const input = reading.row[column];
  const pointer = pointerTo("", column);
  const prompt = readOpenAiInput(input, pointer, column, reading);
  const tools = isObject(input) ? readTools(input, pointer, reading) : NO_TOOLS;
  return [
    joined([prompt, readOutput(preferred, reading)], "chosen", tools),
    joined([prompt, readOutput(other, reading)], "rejected", tools),
  ];
}

function readOpenAiInput(input: JsonValue | undefined, pointer: string, column: string, reading: Reading): Dialogue {
  if (isObject(input) && Object.hasOwn(input, "messages")) {
    return standIn(readTurnList(input.messages, `${pointer}/messages`, "messages", reading));
  }
  reading.fault("field", pointer, column, isObject(input) ? "input with messages" : "input object");
  return unreadable(pointer);
}

function readOutput(column: string, reading: Reading): Dialogue {
  const pointer = pointerTo("", column);
  const value = reading.row[column];
  if (isList(value)) return standIn(readTurnList(value, pointer, column, reading));
  reading.fault("field", pointer, column, "output list");
  return unreadable(pointer);
}

/** The prompt that both answers share, from whichever member holds it; undefined where the answers hold it themselves. */
function readPrompt(reading: Reading): Dialogue | undefined {
  const { row, fields } = reading;
  const prompt = filledColumn(row, fields.prompt);
  if (prompt !== undefined) return withSystem(readSide(prompt, "user", reading), reading);
  const turns = turnsColumn(row, fields);
  if (turns !== undefined) return standIn(readTurnsColumn(turns, reading));
  if (filledColumn(row, fields.instruction) !== undefined) return withSystem(readInstruction(reading), reading);
  const question = filledColumn(row, fields.question);
  return question === undefined ? undefined : withSystem(readSide(question, "user", reading), reading);
}

/** Puts the row's `system` text before a prompt that is a plain text; message lists have their own. */
function withSystem(prompt: Dialogue, reading: Reading): Dialogue {
  if (prompt.turns[0]?.rolePointer !== null) return prompt;
  const system = readSystem(reading);
  if (system === undefined) return prompt;
  return { pointer: "", turns: [...system.turns, ...prompt.turns], messages: [...system.messages, ...prompt.messages] };
}

/** An answer: a text, a list of messages, `{messages: […]}`, or one message. */
function readAnswer(column: string, reading: Reading): Dialogue {
  const pointer = pointerTo("", column);
  const value = reading.row[column];
  if (typeof value === "string") return textDialogue("assistant", value, pointer);
  if (isList(value)) return readSide(column, "assistant", reading);
  if (isObject(value)) {
    if (Object.hasOwn(value, "messages")) return standIn(readTurnList(value.messages, `${pointer}/messages`, "messages", reading));
    if (Object.hasOwn(value, "from") || Object.hasOwn(value, "role")) return readSingleTurn(value, pointer, reading);
  }
  reading.fault("field", pointer, column, "answer");
  return unreadable(pointer);
}

function compared(variant: Variant, prompt: Dialogue | undefined, answer: Dialogue, tools: Tools): Conversation {
  if (prompt !== undefined && !startsWith(answer.turns, prompt.turns)) return joined([prompt, answer], variant, tools);
  return { variant, pointer: answer.pointer, turns: answer.turns, messages: answer.messages, ...tools, promptOnly: false };
}

/** Whether an answer repeats the prompt, and so is the whole conversation. System turns may differ: often only one side has it. */
function startsWith(answer: readonly Turn[], prompt: readonly Turn[]): boolean {
  const whole = answer.filter((turn) => turn.role !== "system");
  const start = prompt.filter((turn) => turn.role !== "system");
  if (start.length === 0 || whole.length <= start.length) return false;
  return start.every((turn, i) => {
    const same = whole[i];
    return same !== undefined && same.role === turn.role && turnText(same) === turnText(turn);
  });
}
