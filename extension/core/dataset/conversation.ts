/** A value as `JSON.parse` gives it. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}

/** The schema of a row. */
export type FormatId =
  | "messages"
  | "sharegpt"
  | "alpaca"
  | "prompt_completion"
  | "preference"
  | "kto"
  | "question_answer"
  | "text"
  | "tokenized";

export type Role = "system" | "user" | "assistant" | "tool" | "developer";

/**
 * A piece of text and where in the row it comes from: the whole string at `pointer`. A null pointer marks text that the
 * format adds itself, such as the newline between an Alpaca instruction and its input.
 */
export interface TextPiece {
  readonly text: string;
  readonly pointer: string | null;
}

/** A part of a turn's content that is not text. */
export interface MediaPart {
  readonly type: "image" | "audio" | "video" | "other";
  readonly pointer: string;
}

/** One call that an assistant turn makes. */
export interface ToolCall {
  readonly pointer: string;
  readonly name: TextPiece | undefined;
  /** As the row has them: an object, or a JSON text. */
  readonly arguments: JsonValue | undefined;
}

/** One turn of a conversation, in OpenAI's terms whatever the row's format. */
export interface Turn {
  /** The value that is the turn: a message object, or the string that the format makes a turn of. */
  readonly pointer: string;
  /** The role, or undefined where it is missing or is not one that the format knows. */
  readonly role: Role | undefined;
  /** The role as the row has it (`human`, `gpt`, …); null where the format implies it, undefined where it is missing. */
  readonly rawRole: JsonValue | undefined;
  /** Where the role stands: the turn where it is missing, null where the format implies it. */
  readonly rolePointer: string | null;
  /** Where the content stands, also when there is nothing; null when the row has no such member. */
  readonly contentPointer: string | null;
  /** The text of the content, in order. */
  readonly content: readonly TextPiece[];
  readonly media: readonly MediaPart[];
  readonly toolCalls: readonly ToolCall[];
  /** Text that the model reasons in, apart from the content (`reasoning_content`, `thinking`). */
  readonly reasoning: readonly TextPiece[];
  readonly name: TextPiece | undefined;
  /** False where the row says that the turn is not to be trained on (`weight: 0`, `train: false`, `loss_weight: 0`). */
  readonly trained: boolean | undefined;
}

/** A conversation that a trainer would render: one a row, two in a preference row. */
export interface Conversation {
  /** What tells the conversations of one row apart; undefined where there is only one. */
  readonly variant: "chosen" | "rejected" | undefined;
  /** The value that holds the turns (the `messages` array), or the row where the format spreads them over members. */
  readonly pointer: string;
  readonly turns: readonly Turn[];
  /** What the template is given as `messages`: the row's own message objects where the format has them, so that every field arrives. */
  readonly messages: readonly JsonValue[];
  /** What the template is given as `tools`. */
  readonly tools: readonly JsonValue[] | undefined;
  /** Where the tools stand: the list, or the string that holds it as JSON text. Undefined without tools. */
  readonly toolsPointer: string | undefined;
  /** True where the assistant's answer is not part of the data by design, so that it may end with a user turn. */
  readonly promptOnly: boolean;
}

/** What a value of a row should have been. */
export type Expected =
  | "message list"
  | "message"
  | "text"
  | "text or message list"
  | "answer"
  | "input object"
  | "input with messages"
  | "output list"
  | "tool list"
  | "tool call list"
  | "function call"
  | "history"
  | "history pair"
  | "content"
  | "content part"
  | "part text"
  | "token id"
  | "entry for every id";

/** A place of a row that could not be read as its format wants it. Rules word it; what can be read is read all the same. */
export interface Fault {
  /** `field`: the shape of the row. `content`: what a turn says. `empty`: a list of turns that has none. */
  readonly kind: "field" | "content" | "empty";
  readonly pointer: string;
  /** The member in question, as the row names it. */
  readonly field: string;
  readonly expected: Expected;
}

/** Token ids that a row was made into before it is given to a trainer. */
export interface TokenizedRow {
  /** The list of ids; the i-th is at this pointer with `/i`. */
  readonly pointer: string;
  /** -1 where there is no id. */
  readonly ids: Int32Array;
  /** What the model is to say at each place; -1 where it is to say nothing. */
  readonly labels: { readonly pointer: string; readonly ids: Int32Array } | undefined;
  /** By place, whether it is trained on; undefined where the row does not tell: then trainers take all of it. */
  readonly trained: readonly boolean[] | undefined;
}

/** What a row is, once its format is known. */
export interface Sample {
  readonly format: FormatId;
  /** The row as `JSON.parse` gives it. */
  readonly value: JsonObject;
  /** Empty for the formats `text` and `tokenized`. */
  readonly conversations: readonly Conversation[];
  /** The `text` format's text. */
  readonly text: TextPiece | undefined;
  /** The row's token ids, where it has them, whatever its format: trainers take these then. */
  readonly tokenized: TokenizedRow | undefined;
  /** What could not be read, in reading order. */
  readonly faults: readonly Fault[];
}
