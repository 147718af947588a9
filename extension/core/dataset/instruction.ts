import type { Conversation, JsonObject, JsonValue, TextPiece } from "./conversation";
import { readSystem } from "./chat";
import type { FieldMapping } from "./fields";
import { columnOf, pairOf } from "./fields";
import { pointerTo } from "../jsonl/pointer";
import type { Reading } from "./reading";
import { NO_TOOLS, readTools } from "./turn/calls";
import type { Dialogue } from "./turn/dialogue";
import { joined, readSide, textDialogue, unreadable } from "./turn/dialogue";
import { impliedTurn, NOTHING } from "./turn/turn";
import { isList } from "./values";

/** Reads `alpaca` rows: instruction, optional input, output; optional system text and history. */
export function readAlpaca(reading: Reading): readonly Conversation[] {
  const { row, fields } = reading;
  const output = columnOf(row, fields.output);
  if (output === undefined) return [];
  const system = readSystem(reading);
  const sides = [...readHistory(reading), readInstruction(reading), readText(output, "assistant", reading)];
  return [joined(system === undefined ? sides : [system, ...sides], undefined, readTools(row, "", reading))];
}

/**
 * The user turn of an Alpaca row: instruction and input, whichever are not empty, with a newline between, as LLaMA-Factory
 * joins them (`AlpacaDatasetConverter`).
 */
export function readInstruction(reading: Reading): Dialogue {
  const { row, fields } = reading;
  const pieces: TextPiece[] = [];
  let first: TextPiece | undefined;
  for (const names of [fields.instruction, fields.input]) {
    const column = columnOf(row, names);
    const value = column === undefined ? undefined : row[column];
    if (column === undefined || (value === null && names === fields.input)) continue;
    const pointer = pointerTo("", column);
    if (typeof value !== "string") {
      reading.fault("field", pointer, column, "text");
      if (names === fields.instruction) return unreadable(pointer);
      continue;
    }
    first ??= { text: value, pointer };
    if (value === "") continue;
    if (pieces.length > 0) pieces.push({ text: "\n", pointer: null });
    pieces.push({ text: value, pointer });
  }
  const content = pieces.length === 0 && first !== undefined ? [first] : pieces;
  const pointer = content[0]?.pointer ?? "";
  return {
    pointer,
    turns: [impliedTurn("user", pointer, content)],
    messages: [{ role: "user", content: content.map((piece) => piece.text).join("") }],
  };
}

/** Earlier exchanges: `[[question, answer], …]`. */
function readHistory(reading: Reading): readonly Dialogue[] {
  const column = columnOf(reading.row, reading.fields.history);
  const value = column === undefined ? undefined : reading.row[column];
  if (column === undefined || value === null || value === undefined) return NOTHING;
  const pointer = pointerTo("", column);
  if (!isList(value)) {
    reading.fault("field", pointer, column, "history");
    return NOTHING;
  }
  return value.flatMap((pair, i) => readPair(pair, `${pointer}/${i}`, column, reading));
}

function readPair(pair: JsonValue, pointer: string, column: string, reading: Reading): readonly Dialogue[] {
  const [question, answer] = isList(pair) ? pair : [];
  if (!isList(pair) || pair.length !== 2 || typeof question !== "string" || typeof answer !== "string") {
    reading.fault("field", pointer, column, "history pair");
    return NOTHING;
  }
  return [textDialogue("user", question, `${pointer}/0`), textDialogue("assistant", answer, `${pointer}/1`)];
}

function readText(column: string, role: "user" | "assistant", reading: Reading): Dialogue {
  const pointer = pointerTo("", column);
  const value = reading.row[column];
  if (typeof value === "string") return textDialogue(role, value, pointer);
  reading.fault("field", pointer, column, "text");
  return unreadable(pointer);
}

/** The two columns of a `prompt_completion` row, or undefined where it is none. */
export function promptColumns(row: JsonObject, fields: FieldMapping): readonly [string, string] | undefined {
  return pairOf(row, fields.prompt, fields.completion) ?? pairOf(row, fields.input, fields.output);
}

/** Reads `prompt_completion` rows; either column is a text or a list of messages, the prompt also a list of content parts. */
export function readPromptCompletion(reading: Reading): readonly Conversation[] {
  const columns = promptColumns(reading.row, reading.fields);
  if (columns === undefined) return [];
  const sides = [readSide(columns[0], "user", reading), readSide(columns[1], "assistant", reading)];
  return [joined(sides, undefined, readTools(reading.row, "", reading))];
}

/** The two columns of a `question_answer` row, or undefined where it is none. Only texts count: benchmarks have other shapes. */
export function questionColumns(row: JsonObject, fields: FieldMapping): readonly [string, string] | undefined {
  const question = columnOf(row, fields.question);
  if (question === undefined || typeof row[question] !== "string") return undefined;
  const answer = columnOf(row, fields.answer);
  return answer !== undefined && typeof row[answer] === "string" ? [question, answer] : undefined;
}

/** Reads `question_answer` rows; optional system text. */
export function readQuestionAnswer(reading: Reading): readonly Conversation[] {
  const columns = questionColumns(reading.row, reading.fields);
  if (columns === undefined) return [];
  const system = readSystem(reading);
  const sides = [readText(columns[0], "user", reading), readText(columns[1], "assistant", reading)];
  return [joined(system === undefined ? sides : [system, ...sides], undefined, NO_TOOLS)];
}
