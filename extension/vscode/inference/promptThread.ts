import type { Disposable } from "../../base/disposable";
import { TunesmithError } from "../../base/errors";
import type { CancelSignal } from "../../base/cancellation";
import type { ModelSpec, WorkerContract } from "../../core/analysis/workerContract";
import { CheckWorker } from "../documents/worker";

type Methods = WorkerContract["methods"];
type Answered = "chatPrompt" | "countTokens" | "tokenTexts" | "rowTokens";

/** A prompt takes milliseconds; a template that needs so long is one that does not end. */
const ANSWER_MS = 30_000;

/**
 * A thread that renders and encodes for one model. It is its own, so that a template that never ends, or a large row, holds
 * up nothing else; a thread that ended, or hangs, is followed by another.
 */
export class PromptThread implements Disposable {
  readonly #script: string;
  readonly #model: ModelSpec;
  #worker: { readonly thread: CheckWorker; readonly ready: Promise<unknown> } | undefined;
  #disposed = false;

  /** @param script dist/worker.js */
  constructor(script: string, model: ModelSpec) {
    this.#script = script;
    this.#model = model;
  }

  /** @throws TunesmithError what the method throws, what loading the model throws, `timed-out`, `closed`. */
  async request<M extends Answered>(method: M, params: Methods[M]["params"], signal?: CancelSignal): Promise<Methods[M]["result"]> {
    const { thread, ready } = this.#started();
    await ready;
    const options = { timeoutMs: ANSWER_MS, ...(signal === undefined ? {} : { signal }) };
    try {
      return await thread.channel.request(method, params, options);
    } catch (error) {
      if (error instanceof TunesmithError && error.code === "timed-out") this.#end();
      throw error;
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#end();
  }

  #started(): { readonly thread: CheckWorker; readonly ready: Promise<unknown> } {
    if (this.#disposed) throw new TunesmithError("closed", "The model was closed.");
    if (this.#worker !== undefined) return this.#worker;
    const thread = new CheckWorker(this.#script, { onReport: () => undefined, onCrash: () => this.#end() });
    const ready = thread.channel.request("configure", { model: this.#model, maxLength: undefined, severities: {}, fields: {} });
    // Whoever asks next may have mended what was wrong with the model.
    ready.catch(() => this.#end());
    return (this.#worker = { thread, ready });
  }

  #end(): void {
    this.#worker?.thread.dispose();
    this.#worker = undefined;
  }
}
