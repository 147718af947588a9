import { TunesmithError } from "../../base/errors";
import type { JsonObject } from "./conversation";

/** The columns that formats are made of, under the name that this product gives them. */
export type FieldName =
  | "messages"
  | "conversations"
  | "system"
  | "tools"
  | "instruction"
  | "input"
  | "output"
  | "history"
  | "prompt"
  | "completion"
  | "chosen"
  | "rejected"
  | "preferred_output"
  | "non_preferred_output"
  | "label"
  | "question"
  | "answer"
  | "text"
  | "ground_truth";

/** For each field the column names that are accepted, the preferred one first. */
export type FieldMapping = Readonly<Record<FieldName, readonly string[]>>;

/** The columns that datasets and trainers commonly use. */
export const DEFAULT_FIELDS: FieldMapping = {
  messages: ["messages"],
  conversations: ["conversations", "conversation"],
  system: ["system"],
  tools: ["tools", "functions", "available_tools"],
  instruction: ["instruction"],
  input: ["input"],
  output: ["output", "response"],
  history: ["history"],
  prompt: ["prompt"],
  completion: ["completion", "response"],
  chosen: ["chosen", "chosen_messages", "response_j"],
  rejected: ["rejected", "rejected_messages", "response_k"],
  preferred_output: ["preferred_output"],
  non_preferred_output: ["non_preferred_output"],
  label: ["label", "kto_tag"],
  question: ["question", "problem", "query"],
  answer: ["answer", "solution", "response"],
  text: ["text"],
  // A row that carries what the answer is graded by (reinforcement learning) leaves the answer itself to the model.
  ground_truth: ["ground_truth", "reward_model"],
};

/**
 * The mapping with a user's column names put before the defaults, which stay valid for the files that use them.
 *
 * @param settings field name to column name, such as `{"messages": "dialogue"}`
 * @throws TunesmithError `dataset.unknown-field` for a name that is no field, `dataset.invalid-column` for an unusable column name
 */
export function fieldsFrom(settings: Readonly<Record<string, string>>): FieldMapping {
  const mapping: Record<FieldName, readonly string[]> = { ...DEFAULT_FIELDS };
  for (const [field, column] of Object.entries<unknown>(settings)) {
    if (!isFieldName(field)) {
      const known = Object.keys(DEFAULT_FIELDS).join(", ");
      throw new TunesmithError("dataset.unknown-field", `"${field}" is not a dataset field. Map one of these to a column: ${known}.`);
    }
    if (typeof column !== "string" || column === "") {
      throw new TunesmithError("dataset.invalid-column", `The column for the dataset field "${field}" must be a non-empty string.`);
    }
    mapping[field] = [column, ...DEFAULT_FIELDS[field].filter((name) => name !== column)];
  }
  return mapping;
}

function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(DEFAULT_FIELDS, name);
}

/**
 * The column of the row that holds a field: the first of `names` with a value, else the first that is there with null.
 * Tables that merge datasets pad absent columns with null, so null yields to a column that says something.
 */
export function columnOf(row: JsonObject, names: readonly string[]): string | undefined {
  let padded: string | undefined;
  for (const name of names) {
    if (!Object.hasOwn(row, name)) continue;
    if (row[name] !== null) return name;
    padded ??= name;
  }
  return padded;
}

/** The column that holds a field with a value other than null, or undefined. */
export function filledColumn(row: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    if (Object.hasOwn(row, name) && row[name] !== null) return name;
  }
  return undefined;
}

/** The columns of a format that keeps its two sides apart, or undefined where one is absent or both are null. */
export function pairOf(row: JsonObject, first: readonly string[], second: readonly string[]): readonly [string, string] | undefined {
  const a = columnOf(row, first);
  if (a === undefined) return undefined;
  const b = columnOf(row, second);
  return b === undefined || (row[a] === null && row[b] === null) ? undefined : [a, b];
}
