import * as vscode from "vscode";
import { type ChatRole, type NewTurn, messagesOf } from "../../core/playground/turns";
import { COMMAND_CATEGORY } from "../../manifest/commands";
import type { Answerer } from "./answerer";

/** The vendor under which the manifest announces the provider. */
const VENDOR = COMMAND_CATEGORY.toLowerCase();

/** Tokens that an answer may have where nobody asks for fewer. */
const MAX_OUTPUT_TOKENS = 1024;
/** What is told before the model is loaded and its context is known. */
const USUAL_CONTEXT = 2048;

/** The part of VS Code's newer API that is used here; the oldest VS Code that we run in does not have it. */
interface ChatInformation {
  readonly id: string;
  readonly name: string;
  readonly family: string;
  readonly version: string;
  readonly maxInputTokens: number;
  readonly maxOutputTokens: number;
  readonly capabilities: Readonly<Record<string, never>>;
}
interface ChatProvider {
  provideLanguageModelChatInformation(options: unknown, token: vscode.CancellationToken): Promise<readonly ChatInformation[]>;
  provideLanguageModelChatResponse(
    model: ChatInformation,
    messages: readonly ChatMessage[],
    options: { readonly modelOptions?: Readonly<Record<string, unknown>> },
    progress: vscode.Progress<vscode.LanguageModelTextPart>,
    token: vscode.CancellationToken,
  ): Promise<void>;
  provideTokenCount(model: ChatInformation, text: string | ChatMessage, token: vscode.CancellationToken): Promise<number>;
}
interface ChatMessage {
  readonly role: vscode.LanguageModelChatMessageRole;
  readonly content: readonly unknown[];
}
interface NewerApi {
  readonly registerLanguageModelChatProvider?: (vendor: string, provider: ChatProvider) => vscode.Disposable;
}

/** Offers the model of the playground to VS Code's chat and to other extensions, where VS Code has the API for it. */
export function registerChatProvider(model: () => Promise<Answerer>): vscode.Disposable {
  // `vscode.lm` is missing too in products that are built of VS Code without chat.
  const api = (vscode as { readonly lm?: NewerApi }).lm;
  return api?.registerLanguageModelChatProvider?.(VENDOR, new Provider(model)) ?? new vscode.Disposable(() => undefined);
}

class Provider implements ChatProvider {
  readonly #model: () => Promise<Answerer>;

  constructor(model: () => Promise<Answerer>) {
    this.#model = model;
  }

  async provideLanguageModelChatInformation(): Promise<readonly ChatInformation[]> {
    const { id, name, detail, contextLength: context = USUAL_CONTEXT } = await this.#model();
    const output = Math.min(MAX_OUTPUT_TOKENS, Math.floor(context / 2));
    return [{ id, name, family: name, version: detail, maxInputTokens: context - output, maxOutputTokens: output, capabilities: {} }];
  }

  async provideLanguageModelChatResponse(
    _: ChatInformation,
    messages: readonly ChatMessage[],
    { modelOptions }: { readonly modelOptions?: Readonly<Record<string, unknown>> },
    progress: vscode.Progress<vscode.LanguageModelTextPart>,
    token: vscode.CancellationToken,
  ): Promise<void> {
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    const { signal } = abort;
    try {
      const model = await this.#model();
      const asked = messagesOf(messages.map(turnOf).filter(({ content }) => content !== ""));
      const prompt = await model.prompt(asked, signal);
      const number = (name: string): number | undefined => (typeof modelOptions?.[name] === "number" ? modelOptions[name] : undefined);
      const [temperature, topP, seed] = [number("temperature"), number("top_p"), number("seed")];
      await model.answer(
        {
          messages: asked,
          prompt,
          maxNewTokens: number("max_tokens") ?? MAX_OUTPUT_TOKENS,
          sampling: {
            ...(temperature === undefined ? {} : { temperature }),
            ...(topP === undefined ? {} : { topP }),
            ...(seed === undefined ? {} : { seed }),
          },
        },
        {
          signal,
          onEvent: (event) => {
            if (event.kind === "text" && event.text !== "") progress.report(new vscode.LanguageModelTextPart(event.text));
          },
        },
      );
    } finally {
      cancelling.dispose();
    }
  }

  async provideTokenCount(_: ChatInformation, text: string | ChatMessage): Promise<number> {
    return await (await this.#model()).countTokens(typeof text === "string" ? text : turnOf(text).content);
  }
}

const ROLES: ReadonlyMap<number, ChatRole> = new Map([
  [vscode.LanguageModelChatMessageRole.User, "user"],
  [vscode.LanguageModelChatMessageRole.Assistant, "assistant"],
]);

/** A message as a turn: its text parts one after the other; what is no text cannot be told to the model. */
function turnOf({ role, content }: ChatMessage): NewTurn {
  const text = content.map((part) => (part instanceof vscode.LanguageModelTextPart ? part.value : "")).join("");
  // Newer versions of VS Code number a system role too, which these types do not have.
  return { role: ROLES.get(role) ?? "system", content: text };
}
