import * as vscode from "vscode";
import type { CancelSignal } from "../../base/cancellation";
import type { JsonObject } from "../../core/dataset/conversation";
import type { ChatPrompt } from "../../core/playground/workerMethods";
import type { SidecarModel } from "../../node/sidecar/model";
import type { DeviceChoice, GeneratedToken, LoadedInfo } from "../../protocol/sidecar";
import type { ShownToken } from "../../protocol/webview/playground";
import { readSetting } from "../configuration";
import type { Answer, AnswerOptions, AnswerRequest, Answerer } from "./answerer";
import type { PromptThread } from "./promptThread";

/** A model that runs on this machine. Nothing is loaded before the first answer or score. */
export class LocalModel implements Answerer {
  readonly id: string;
  readonly name: string;
  readonly prompts: PromptThread;
  readonly #open: (model: LocalModel, device: DeviceChoice, signal: CancelSignal) => Promise<SidecarModel>;
  #loading: { readonly device: DeviceChoice; readonly model: Promise<SidecarModel> } | undefined;
  #info: LoadedInfo | undefined;

  /**
   * @param id the path of its folder or GGUF file
   * @param open loads it into the inference process, in the place of the one that was there
   */
  constructor(id: string, name: string, prompts: PromptThread, open: (model: LocalModel, device: DeviceChoice, signal: CancelSignal) => Promise<SidecarModel>) {
    this.id = id;
    this.name = name;
    this.prompts = prompts;
    this.#open = open;
  }

  get detail(): string {
    return this.#info === undefined ? vscode.l10n.t("not loaded yet") : `${this.#info.file} · ${this.#info.device}`;
  }

  get contextLength(): number | undefined {
    return this.#info?.contextLength;
  }

  prompt(messages: readonly JsonObject[], signal: CancelSignal): Promise<ChatPrompt> {
    return this.prompts.request("chatPrompt", { messages, addGenerationPrompt: true, variables: {} }, signal);
  }

  async answer({ messages, prompt: given, maxNewTokens, sampling, candidates }: AnswerRequest, { signal, onEvent }: AnswerOptions): Promise<Answer> {
    const prompt = given ?? (await this.prompt(messages, signal));
    onEvent({ kind: "loading" });
    const loaded = await this.load(signal);
    onEvent({ kind: "reading", done: 0 });
    const tokens: GeneratedToken[] = [];
    const result = await loaded.generate(
      { prompt: prompt.ids, maxNewTokens, sampling, ...(candidates === undefined ? {} : { probabilities: { top: candidates } }) },
      {
        signal,
        onProgress: ({ tokens: more, text, promptDone }) => {
          tokens.push(...more);
          onEvent(tokens.length === 0 ? { kind: "reading", done: promptDone / prompt.ids.length } : { kind: "text", text });
        },
      },
    );
    const { text, finishReason, device, ids, decodeTokensPerSecond, promptTokens, reusedTokens, prefillMs, seed } = result;
    const shownTokens = candidates === undefined ? undefined : await this.#shownTokens(tokens, signal);
    return { text, finishReason, place: device, tokens: ids.length, tokensPerSecond: decodeTokensPerSecond, promptTokens, reusedTokens, prefillMs, seed, shownTokens };
  }

  countTokens(text: string): Promise<number> {
    return this.prompts.request("countTokens", { text });
  }

  /** Loads it where it is not loaded yet, which can take long. @throws TunesmithError codes of the sidecar, `not-runnable` */
  async load(signal: CancelSignal): Promise<SidecarModel> {
    const device = readSetting("inference.device");
    if (this.#loading !== undefined && this.#loading.device !== device) this.unload();
    if (this.#loading === undefined) {
      const model = this.#open(this, device, signal);
      this.#loading = { device, model };
      // What failed, or was cancelled, is tried again the next time.
      model.catch(() => {
        if (this.#loading?.model === model) this.#loading = undefined;
      });
    }
    const model = await this.#loading.model;
    this.#info = await model.ready({ signal });
    return model;
  }

  unload(): void {
    this.#loading?.model.then((model) => model.dispose(), () => undefined);
    this.#loading = undefined;
    this.#info = undefined;
  }

  async #shownTokens(tokens: readonly GeneratedToken[], signal: CancelSignal): Promise<readonly ShownToken[]> {
    const ids = tokens.flatMap(({ id, top = [] }) => [id, ...top.map((each) => each.id)]);
    const texts = await this.prompts.request("tokenTexts", { ids: Uint32Array.from(ids) }, signal);
    let at = 0;
    const next = (): string => texts[at++] ?? "";
    return tokens.map(({ id, logProbability = 0, entropy = 0, top = [] }) => ({
      id,
      text: next(),
      probability: Math.exp(logProbability),
      entropy,
      top: top.map((each) => ({ text: next(), probability: Math.exp(each.logProbability) })),
    }));
  }
}
