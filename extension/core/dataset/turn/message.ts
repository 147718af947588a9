import type { JsonObject, JsonValue, TextPiece, Turn } from "../conversation";
import type { Reading } from "../reading";
import { isObject, member } from "../values";
import { readCalls } from "./calls";
import { readContent } from "./content";
import { messageRole } from "./roles";
import { NOTHING, unreadableTurn } from "./turn";

/** Reads a message of OpenAI's form: `{"role", "content", …}`. Never throws; what is wrong becomes a fault. */
export function readMessage(value: JsonValue, pointer: string, reading: Reading): Turn {
  if (!isObject(value)) {
    reading.fault("field", pointer, "message", "message");
    return unreadableTurn(pointer);
  }
  const rawRole = member(value, "role");
  const hasContent = Object.hasOwn(value, "content");
  const contentPointer = `${pointer}/content`;
  const content = readContent(hasContent ? value.content : undefined, contentPointer, "content", reading);
  const calls = readCalls(value, pointer, reading);
  return {
    pointer,
    role: messageRole(rawRole),
    rawRole,
    rolePointer: rawRole === undefined ? pointer : `${pointer}/role`,
    contentPointer: hasContent ? contentPointer : null,
    content: content.text,
    media: content.media,
    toolCalls: content.calls.length === 0 ? calls : [...content.calls, ...calls],
    reasoning: readReasoning(value, pointer, content.reasoning),
    name: pieceOf(value, "name", pointer),
    trained: readTrained(value),
  };
}

/** The members in which servers and trainers keep the model's reasoning. */
const REASONING = ["reasoning_content", "thinking", "reasoning"] as const;

function readReasoning(message: JsonObject, pointer: string, parts: readonly TextPiece[]): readonly TextPiece[] {
  for (const name of REASONING) {
    const piece = pieceOf(message, name, pointer);
    if (piece !== undefined) return parts.length === 0 ? [piece] : [piece, ...parts];
  }
  return parts.length === 0 ? NOTHING : parts;
}

function pieceOf(object: JsonObject, name: string, pointer: string): TextPiece | undefined {
  const text = member(object, name);
  return typeof text === "string" ? { text, pointer: `${pointer}/${name}` } : undefined;
}

/** Whether the message says that it is to be trained on: OpenAI's `weight`, Axolotl's `train`, LLaMA-Factory's `loss_weight`. */
export function readTrained(message: JsonObject): boolean | undefined {
  for (const name of TRAINED) {
    if (!Object.hasOwn(message, name)) continue;
    const value = message[name];
    if (typeof value === "number") return value !== 0;
    if (typeof value === "boolean") return value;
  }
  return undefined;
}

const TRAINED = ["weight", "train", "loss_weight"] as const;
