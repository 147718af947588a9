import { MAX_CONVERSATION_STEPS, MAX_STEPS, STEPS_PER_CHARACTER, STEPS_PER_MESSAGE } from "../jinja/runtime/limits";
import { isStr, textOf } from "../jinja/value/text";
import { PyDict, type Value, isList } from "../jinja/value/types";

/** The steps that a render of these messages may take: a large conversation may take more than a small one. */
export function stepsFor(messages: Value): number {
  if (!isList(messages)) return MAX_STEPS;
  const steps = MAX_STEPS + messages.length * STEPS_PER_MESSAGE + sizeOf(messages) * STEPS_PER_CHARACTER;
  return Math.min(steps, MAX_CONVERSATION_STEPS);
}

/** The characters of all texts in a value; whatever else is in it counts as one. */
function sizeOf(value: Value): number {
  if (isStr(value)) return textOf(value).length;
  let size = 1;
  if (isList(value)) for (const item of value) size += sizeOf(item);
  else if (value instanceof PyDict) for (const entry of value.entries.values()) size += sizeOf(entry.value);
  return size;
}
