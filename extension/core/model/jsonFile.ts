import { LineMap } from "../../base/text";
import { TunesmithError } from "../../base/errors";
import type { JsonObject, JsonValue } from "../dataset/conversation";
import { parseJson } from "../jsonl/parse";
import { decodeUtf8 } from "../jsonl/utf8";

/** The object in one of a model's files. @throws TunesmithError `model-broken` naming the file and the place. */
export function parseJsonFile(file: string, bytes: Uint8Array): JsonObject {
  const { text } = decodeUtf8(bytes);
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    throw brokenFile(file, text);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TunesmithError("model-broken", `${file} must hold a JSON object. Download the model's files again.`);
  }
  return value as JsonObject;
}

function brokenFile(file: string, text: string): TunesmithError {
  const problem = parseJson(text).problems[0];
  const { line, column } = new LineMap(text).positionAt(problem?.start ?? 0);
  const what = problem?.message ?? "It is not JSON.";
  return new TunesmithError("model-broken", `${file} is broken at line ${line}, column ${column}: ${what} Download it again.`);
}
