import type { JsonObject, JsonValue } from "../dataset/conversation";

/** A prompt as it goes to a model. Offsets are UTF-16 units of `text`. */
export interface ChatPrompt {
  readonly text: string;
  readonly ids: Uint32Array;
  /** Start and end of each token in turn. */
  readonly offsets: Uint32Array;
}

/** A row's prompt with all that is needed to tell what a model thinks of it. */
export interface RowTokens {
  /** Which of a preference row's conversations. */
  readonly variant: "chosen" | "rejected" | undefined;
  readonly ids: Uint32Array;
  /** One number a token: 1 where it is trained on. Undefined where the template does not say: trainers take all tokens then. */
  readonly mask: Uint8Array | undefined;
  /** For each token the start and end of the row's characters that it stands for; twice -1 where it stands for none. */
  readonly places: Int32Array;
  /** The token behind each assistant turn, which ends it, where the template writes one. */
  readonly turnEnds: readonly number[];
}

/** What worker threads do for conversations with a model. The thread is configured with the model. */
export interface PlaygroundMethods {
  /** Renders a conversation and encodes it. @throws `template-refused` with the template's message, `no-template`. */
  readonly chatPrompt: {
    readonly params: {
      readonly messages: readonly JsonObject[];
      readonly tools?: readonly JsonValue[] | undefined;
      readonly addGenerationPrompt: boolean;
      readonly variables: Readonly<Record<string, JsonValue>>;
    };
    readonly result: ChatPrompt;
    readonly progress: never;
  };
  /** How many tokens a text is by itself, without special ones around it. */
  readonly countTokens: { readonly params: { readonly text: string }; readonly result: number; readonly progress: never };
  /** What each token is in the vocabulary's text; bytes that are no whole character become U+FFFD. */
  readonly tokenTexts: { readonly params: { readonly ids: Uint32Array }; readonly result: readonly string[]; readonly progress: never };
  /** The tokens of a row's prompts and the characters of the row that they stand for. @throws as `chatPrompt` */
  readonly rowTokens: {
    readonly params: { readonly row: string; readonly fields: Readonly<Record<string, string>> };
    readonly result: readonly RowTokens[];
    readonly progress: never;
  };
}
