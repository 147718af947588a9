import type * as vscode from "vscode";
import { TunesmithError, hasCode } from "../../base/errors";
import type { XrayAnswer, XrayMethods, XrayRequest } from "../../core/xray/contract";
import { CheckWorker } from "../documents/worker";

/** What a prompt may take. A template that takes longer is stopped with its thread. */
const TIME_LIMIT_MS = 20_000;

/** The thread that renders and tokenizes for the X-ray; it starts with the first request, and anew after it had to be ended. */
export class XrayWorker implements vscode.Disposable {
  readonly #script: string;
  #worker: CheckWorker | undefined;
  /** The models that it has loaded, as they are asked for. */
  #loaded: string | undefined;

  constructor(script: string) {
    this.#script = script;
  }

  /** @throws TunesmithError `too-slow` where it took too long; the thread is a new one then, and knows of no session. */
  async render(request: XrayRequest, onLoading: (model: string) => void): Promise<XrayAnswer> {
    const { channel } = this.#started();
    // Loading has no limit: a model may have to be downloaded.
    const models = [request.left.model, request.right?.model].filter((model) => model !== null && model !== undefined);
    // The thread keeps those of the last request; asking again would cost every keystroke a message there and back.
    const wanted = JSON.stringify(models);
    if (wanted !== this.#loaded) {
      // Where that fails, nobody knows what it keeps.
      this.#loaded = undefined;
      await channel.request("xrayLoad", { models }, { onProgress: onLoading });
      this.#loaded = wanted;
    }
    try {
      return await channel.request("xray", request, { timeoutMs: TIME_LIMIT_MS });
    } catch (error) {
      if (!hasCode(error, "timed-out")) throw error;
      this.#end();
      throw new TunesmithError("too-slow", `Rendering and tokenizing took more than ${TIME_LIMIT_MS / 1000} seconds and was stopped.`, { cause: error });
    }
  }

  /** Asks about what was rendered; null where nothing is known of it. */
  async ask<Method extends "xrayDescribe" | "xrayFind" | "xrayOpinion">(
    method: Method,
    params: XrayMethods[Method]["params"],
  ): Promise<XrayMethods[Method]["result"] | null> {
    // A thread that is gone has nothing to tell.
    return (await this.#worker?.channel.request(method, params, { timeoutMs: TIME_LIMIT_MS }).catch(() => null)) ?? null;
  }

  /** Reads the weights of a model, unless that was done. @returns whether there is more to say of its tokens now */
  async judge(model: string): Promise<boolean> {
    return (await this.#worker?.channel.request("xrayJudge", { model })) ?? false;
  }

  close(session: string): void {
    this.#worker?.channel.request("xrayClose", { session }).catch(() => undefined);
  }

  dispose(): void {
    this.#end();
  }

  #started(): CheckWorker {
    this.#worker ??= new CheckWorker(this.#script, {
      onReport: () => undefined,
      // Who waits for an answer is told by the channel.
      onCrash: () => {
        this.#forget();
      },
    });
    return this.#worker;
  }

  #end(): void {
    this.#worker?.dispose();
    this.#forget();
  }

  #forget(): void {
    this.#worker = undefined;
    this.#loaded = undefined;
  }
}
