import type { Conversation, JsonValue, TextPiece, ToolCall, Turn } from "../dataset/conversation";
import { isUnreadable } from "../dataset/turn/turn";
import { isList, isObject, valueAt } from "../dataset/values";
import { dictFrom } from "../jinja/value/hash";
import { embeddedText, fromJson, fromJsonTree } from "../jinja/value/json";
import { concatText, type Str, traced } from "../jinja/value/text";
import type { Value } from "../jinja/value/types";
import { RowSource } from "../jsonl/rowSource";
import type { NodeId } from "../jsonl/tree";

/** A conversation as a chat template is given it. */
export interface ConversationValues {
  readonly messages: Value;
  readonly tools: Value;
}

/**
 * The values of a conversation, exactly as Python reads them from the row: 1 and 1.0 stay apart, integers are exact, members
 * stand in the row's order.
 * @param row what the conversation was read from: `readSample(row.value, …)`
 * @param provenance whether texts know where in the row they come from. What the format makes of the row (a ShareGPT turn's
 *   role and content, an Alpaca instruction and its input) leads to the strings that it was made of.
 */
export function conversationValues(conversation: Conversation, row: RowSource, provenance: boolean): ConversationValues {
  const { messages, tools, toolsPointer } = conversation;
  if (!provenance && !isDelicate(messages) && !isDelicate(tools ?? null)) return { messages: fromJson(messages), tools: fromJson(tools ?? null) };
  const reader = new ValueReader(row, provenance);
  return { messages: reader.messages(conversation), tools: tools === undefined ? null : reader.tools(tools, toolsPointer) };
}

/** Whether `JSON.parse` may have lost how a value was written: 1.0 becomes 1, large integers lose digits, keys that are integers move. */
function isDelicate(value: JsonValue): boolean {
  if (typeof value === "number") return Number.isInteger(value);
  if (typeof value !== "object" || value === null) return false;
  if (isList(value)) return value.some(isDelicate);
  // `for in` is the fastest way over a plain object's own keys; objects from JSON.parse inherit nothing enumerable.
  for (const key in value) if (INTEGER_KEY.test(key) || isDelicate((value)[key] ?? null)) return true;
  return false;
}

const INTEGER_KEY = /^\d+$/;

class ValueReader {
  readonly #row: RowSource;
  readonly #provenance: boolean;

  constructor(row: RowSource, provenance: boolean) {
    this.#row = row;
    this.#provenance = provenance;
  }

  messages({ turns, messages }: Conversation): Value {
    const values: Value[] = [];
    let at = 0;
    for (const message of messages) {
      // A turn that only stands for a value that could not be read has no message.
      while (at < turns.length && isUnreadable(turns[at] as Turn) && !this.#isAt(message, (turns[at] as Turn).pointer)) at++;
      values.push(this.#message(message, turns[at++]));
    }
    return values;
  }

  tools(tools: readonly JsonValue[], pointer: string | undefined): Value {
    if (pointer === undefined) return fromJson(tools);
    return this.#own(tools, pointer) ?? this.#embedded(pointer, (root) => root) ?? fromJson(tools);
  }

  #message(message: JsonValue, turn: Turn | undefined): Value {
    if (turn === undefined) return fromJson(message);
    const own = this.#own(message, turn.pointer);
    if (own !== undefined) return own;
    if (!isObject(message)) return fromJson(message);
    const text = new Map<string, number>();
    return dictFrom(
      Object.entries(message).map(([name, value]) => {
        if (name === "role") return [name, this.#role(value, turn)];
        if (name === "content") return [name, this.#content(value, turn)];
        return [name, name === "tool_calls" && isList(value) ? value.map((call, i) => this.#call(call, turn.toolCalls[i], text)) : fromJson(value)];
      }),
    );
  }

  /** The value of the row itself, where the format hands it on as it is. */
  #own(value: JsonValue, pointer: string): Value | undefined {
    if (typeof value !== "object" || !this.#isAt(value, pointer)) return undefined;
    const node = this.#row.nodeAt(pointer);
    return node === undefined ? undefined : fromJsonTree(this.#row.tree, node, this.#provenance ? pointer : undefined);
  }

  #isAt(value: JsonValue, pointer: string): boolean {
    return value === this.#valueAt(pointer);
  }

  #valueAt(pointer: string): JsonValue | undefined {
    return valueAt(this.#row.value, pointer);
  }

  #role(role: JsonValue, { rawRole, rolePointer }: Turn): Value {
    if (typeof role !== "string" || !this.#provenance || rolePointer === null || typeof rawRole !== "string") return fromJson(role);
    return traced(role, role === rawRole ? { kind: "data", pointer: rolePointer } : { kind: "derived", pointers: [rolePointer] });
  }

  #content(content: JsonValue, { content: pieces, contentPointer }: Turn): Value {
    if (typeof content !== "string") return (contentPointer === null ? undefined : this.#own(content, contentPointer)) ?? fromJson(content);
    if (!this.#provenance || pieces.map(({ text }) => text).join("") !== content) return content;
    return concatText(pieces.map(textOfPiece));
  }

  /** A call that the row has as JSON text, possibly several in one text: `seen` counts them by the text's pointer. */
  #call(call: JsonValue, read: ToolCall | undefined, seen: Map<string, number>): Value {
    const pointer = read === undefined ? undefined : this.#textPointer(read.pointer);
    if (read === undefined || pointer === undefined) return fromJson(call);
    const index = seen.get(pointer) ?? 0;
    seen.set(pointer, index + 1);
    const member = (name: string): Value | undefined => this.#embedded(pointer, (root, inner) => inner.nodeAt(inner.tree.kind(root) === "array" ? `/${index}/${name}` : `/${name}`));
    const name = member("name") ?? read.name?.text ?? "";
    const args = member("arguments") ?? dictFrom([]);
    return dictFrom([["type", "function"], ["function", dictFrom([["name", name], ["arguments", args]])]]);
  }

  /** Where the text of a call stands: the call itself, or LLaMA-Factory's part that holds it. */
  #textPointer(pointer: string): string | undefined {
    for (const place of [pointer, `${pointer}/value`]) if (typeof this.#valueAt(place) === "string") return place;
    return undefined;
  }

  /** A value of the JSON text that the row holds as a string at `pointer`. */
  #embedded(pointer: string, choose: (root: NodeId, inner: RowSource) => NodeId | undefined): Value | undefined {
    const text = this.#valueAt(pointer);
    if (typeof text !== "string") return undefined;
    const inner = new RowSource(text);
    const node = inner.parsed.problems.length > 0 ? undefined : choose(0, inner);
    return node === undefined ? undefined : fromJsonTree(inner.tree, node, this.#provenance ? "" : undefined, embeddedText(pointer));
  }
}

function textOfPiece({ text, pointer }: TextPiece): Str {
  return pointer === null ? text : traced(text, { kind: "data", pointer });
}
