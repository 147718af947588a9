import type { JsonObject, JsonValue, MediaPart, TextPiece, ToolCall } from "../conversation";
import type { Reading } from "../reading";
import { isList, isObject, member } from "../values";
import { callsInText, unreadableCall } from "./calls";
import { NOTHING } from "./turn";

/** What a content value says, taken apart. */
export interface Content {
  readonly text: readonly TextPiece[];
  readonly media: readonly MediaPart[];
  readonly calls: readonly ToolCall[];
  readonly reasoning: readonly TextPiece[];
}

const NO_CONTENT: Content = { text: NOTHING, media: NOTHING, calls: NOTHING, reasoning: NOTHING };

/**
 * Reads a content: a text, a list of parts, or null. Anything else is a `content` fault.
 *
 * @param value undefined where the row has no content at all, which is not reported here
 * @param field the member that holds the content, as the row names it
 */
export function readContent(value: JsonValue | undefined, pointer: string, field: string, reading: Reading): Content {
  if (typeof value === "string") return { text: [{ text: value, pointer }], media: NOTHING, calls: NOTHING, reasoning: NOTHING };
  if (isList(value)) return readParts(value, pointer, field, reading);
  if (value !== undefined && value !== null) reading.fault("content", pointer, field, "content");
  return NO_CONTENT;
}

interface Parts extends Content {
  readonly text: TextPiece[];
  readonly media: MediaPart[];
  readonly calls: ToolCall[];
  readonly reasoning: TextPiece[];
}

function readParts(list: readonly JsonValue[], pointer: string, field: string, reading: Reading): Content {
  const parts: Parts = { text: [], media: [], calls: [], reasoning: [] };
  for (let i = 0; i < list.length; i++) {
    const part = list[i];
    const place = `${pointer}/${i}`;
    if (isObject(part)) readPart(part, place, parts, reading);
    else reading.fault("content", place, field, "content part");
  }
  return parts;
}

function readPart(part: JsonObject, pointer: string, parts: Parts, reading: Reading): void {
  const type = member(part, "type");
  switch (type) {
    case undefined:
    case null:
      readUntypedPart(part, pointer, parts, reading);
      return;
    case "text":
    case "input_text":
    case "output_text":
      pushText(part, pointer, parts.text, reading);
      return;
    // LLaMA-Factory v1 and Anthropic keep the model's reasoning among the parts.
    case "reasoning":
    case "thinking":
      pushText(part, pointer, parts.reasoning, reading);
      return;
    // LLaMA-Factory v1: the call is a JSON text.
    case "tool_call": {
      const text = member(part, "value");
      parts.calls.push(...((typeof text === "string" ? callsInText(text, pointer) : undefined) ?? [unreadableCall(pointer)]));
      return;
    }
    default:
      if (typeof type === "string") parts.media.push({ type: mediaType(type), pointer });
      else reading.fault("content", `${pointer}/type`, "type", "content part");
  }
}

/** Some exporters leave the type out and let the member's name speak. */
function readUntypedPart(part: JsonObject, pointer: string, parts: Parts, reading: Reading): void {
  if (typeof member(part, "text") === "string") {
    pushText(part, pointer, parts.text, reading);
    return;
  }
  for (const name of ["image", "image_url", "audio", "input_audio", "video"]) {
    if (!Object.hasOwn(part, name)) continue;
    parts.media.push({ type: mediaType(name), pointer });
    return;
  }
  reading.fault("content", pointer, "part", "content part");
}

/** Where the text of a part stands, by trainer: OpenAI and Hugging Face, LLaMA-Factory v1, Anthropic, and in rare exports. */
const TEXT_MEMBERS = ["text", "value", "thinking", "reasoning", "content"] as const;

function pushText(part: JsonObject, pointer: string, into: TextPiece[], reading: Reading): void {
  let wrong: string | undefined;
  for (const name of TEXT_MEMBERS) {
    if (!Object.hasOwn(part, name)) continue;
    const text = part[name];
    if (typeof text === "string") {
      into.push({ text, pointer: `${pointer}/${name}` });
      return;
    }
    // Tables pad the members of other part types with null.
    if (wrong === undefined || text !== null) wrong = name;
  }
  reading.fault("content", wrong === undefined ? pointer : `${pointer}/${wrong}`, wrong ?? "text", "part text");
}

function mediaType(type: string): MediaPart["type"] {
  switch (type) {
    case "image":
    case "image_url":
    case "input_image":
      return "image";
    case "audio":
    case "audio_url":
    case "input_audio":
      return "audio";
    case "video":
    case "video_url":
    case "input_video":
      return "video";
    default:
      return "other";
  }
}
