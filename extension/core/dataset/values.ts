import { pointerSteps } from "../jsonl/pointer";
import type { JsonObject, JsonValue } from "./conversation";

/** Whether `value` is a JSON object (not a list, not null). */
export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether `value` is a JSON array. */
export function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The member `name`, or undefined. Only own members count: `constructor` and `__proto__` are names like any other in data. */
export function member(object: JsonObject, name: string): JsonValue | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** The value that `pointer` names, or undefined where it leads nowhere. */
export function valueAt(root: JsonValue, pointer: string): JsonValue | undefined {
  let value: JsonValue | undefined = root;
  for (const step of pointerSteps(pointer)) {
    if (isList(value)) value = value[Number(step)];
    else if (isObject(value)) value = member(value, step);
    else return undefined;
  }
  return value;
}

/** What `value` is, in words for a message: `a list`, `a string`. */
export function describeKind(value: JsonValue | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (isList(value)) return value.length === 0 ? "an empty list" : "a list";
  switch (typeof value) {
    case "string":
      return value === "" ? "an empty string" : "a string";
    case "number":
      return "a number";
    case "boolean":
      return "a boolean";
    default:
      return "an object";
  }
}

/** The value of a JSON text, or undefined where the text is not JSON. */
export function parseJsonText(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
