import type * as vscode from "vscode";
import { TunesmithError, hasCode } from "../../base/errors";
import type { TemplateMethods } from "../../core/language/template/contract";
import { CheckWorker } from "../documents/worker";

/** How long each question may take. A template that takes longer is stopped with its thread. */
const TIME_LIMITS_MS = { templateCheck: 20_000, templateHover: 5_000, templateEvidence: 20_000, templateFormat: 5_000, templateTokens: 5_000, templateCases: 5_000, templateCase: 5_000, templateAccept: 5_000 } as const satisfies Readonly<Record<keyof TemplateMethods, number>>;

/** The thread that renders templates: it starts with the first question, and anew after it had to be ended. */
export class TemplateWorker implements vscode.Disposable {
  readonly #script: string;
  #worker: CheckWorker | undefined;

  constructor(script: string) {
    this.#script = script;
  }

  /** @throws TunesmithError `too-slow` where it took too long, `cancelled` where nobody waits any more */
  async ask<Method extends keyof TemplateMethods>(method: Method, params: TemplateMethods[Method]["params"], token?: vscode.CancellationToken): Promise<TemplateMethods[Method]["result"]> {
    const abort = new AbortController();
    const cancellation = token?.onCancellationRequested(() => {
      abort.abort();
    });
    const worker = this.#started();
    try {
      return await worker.channel.request(method, params, { timeoutMs: TIME_LIMITS_MS[method], signal: abort.signal });
    } catch (error) {
      if (!hasCode(error, "timed-out")) throw error;
      this.#end(worker);
      throw new TunesmithError("too-slow", `The template took more than ${TIME_LIMITS_MS[method] / 1000} seconds and was stopped.`, { cause: error });
    } finally {
      cancellation?.dispose();
    }
  }

  dispose(): void {
    this.#end(this.#worker);
  }

  #started(): CheckWorker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = new CheckWorker(this.#script, {
      onReport: () => undefined,
      // Who waits for an answer is told by the channel.
      onCrash: () => {
        if (this.#worker === worker) this.#worker = undefined;
      },
    });
    this.#worker = worker;
    return worker;
  }

  #end(worker: CheckWorker | undefined): void {
    worker?.dispose();
    if (this.#worker === worker) this.#worker = undefined;
  }
}
