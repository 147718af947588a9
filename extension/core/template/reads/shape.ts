import type { Place } from "./place";

/** What a value of a conversation is, as far as the format says: it tells `'x' in value` on a text from that on a mapping. */
export type Shape = "list" | "mapping" | "text" | "text or list" | "unknown";

const SHAPES: ReadonlyMap<string, Shape> = new Map([
  ["messages", "list"],
  ["messages[]", "mapping"],
  ["messages[].role", "text"],
  ["messages[].name", "text"],
  ["messages[].tool_call_id", "text"],
  ["messages[].content", "text or list"],
  ["messages[].content[]", "mapping"],
  ["messages[].content[].type", "text"],
  ["messages[].content[].text", "text"],
  ["messages[].reasoning_content", "text"],
  ["messages[].reasoning", "text"],
  ["messages[].thinking", "text"],
  ["messages[].tool_calls", "list"],
  ["messages[].tool_calls[]", "mapping"],
  ["messages[].tool_calls[].id", "text"],
  ["messages[].tool_calls[].type", "text"],
  ["messages[].tool_calls[].function", "mapping"],
  ["messages[].tool_calls[].function.name", "text"],
  ["tools", "list"],
  ["tools[]", "mapping"],
  ["tools[].type", "text"],
  ["tools[].function", "mapping"],
  ["tools[].function.name", "text"],
  ["tools[].function.description", "text"],
  ["tools[].function.parameters", "mapping"],
  ["tools[].function.parameters.properties", "mapping"],
  ["tools[].function.parameters.properties.*", "mapping"],
  ["tools[].function.parameters.required", "list"],
  ["tools[].name", "text"],
  ["tools[].description", "text"],
  ["tools[].parameters", "mapping"],
  ["tools[].parameters.properties", "mapping"],
  ["tools[].parameters.properties.*", "mapping"],
  ["tools[].parameters.required", "list"],
  ["documents", "list"],
  ["documents[]", "mapping"],
]);

/** What the format of conversations says about the value at a place. */
export function shapeOf(place: Place): Shape {
  return SHAPES.get(place.text) ?? "unknown";
}
