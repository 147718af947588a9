import type { CancelSignal } from "../../base/cancellation";
import type { Disposable } from "../../base/disposable";
import { TunesmithError, hasCode } from "../../base/errors";
import type { GenerateProgress, GenerateRequest, GenerateResult, LoadRequest, LoadedInfo, ScoreRequest, ScoreResult } from "../../protocol/sidecar";
import type { Sidecar } from "./sidecar";

/** What a model does in the inference process, whichever process that is. */
export class SidecarModel implements Disposable {
  readonly #sidecar: Sidecar;
  readonly #request: LoadRequest;
  /** Where it is loaded: undefined before, and of another process after a crash. */
  #loaded: { readonly process: number | undefined; readonly info: Promise<LoadedInfo> } | undefined;
  #info: LoadedInfo | undefined;
  #disposed = false;

  constructor(sidecar: Sidecar, request: LoadRequest) {
    this.#sidecar = sidecar;
    this.#request = request;
  }

  /** As it was loaded last. */
  get info(): LoadedInfo {
    if (this.#info === undefined) throw new TunesmithError("not-loaded", "The model is not loaded yet.");
    return this.#info;
  }

  /** Loads it where it is not. */
  async ready(options: { readonly signal?: CancelSignal } = {}): Promise<LoadedInfo> {
    if (this.#disposed) throw new TunesmithError("closed", "The model was closed.");
    if (this.#loaded === undefined || this.#loaded.process !== this.#sidecar.running) {
      const info = this.#sidecar.request("load", this.#request, options);
      this.#loaded = { process: this.#sidecar.running, info };
      info.catch(() => {
        this.#loaded = undefined;
      });
    }
    this.#info = await this.#loaded.info;
    return this.#info;
  }

  /**
   * Generates an answer. When the process ends meanwhile, it is started once more, and goes on behind the tokens that came.
   * @throws TunesmithError `sidecar-crashed` when it ends a second time; CancelledError; codes of `extension/sidecar/errors.ts`.
   */
  async generate(request: GenerateRequest, options: { readonly signal?: CancelSignal; readonly onProgress?: (progress: GenerateProgress) => void } = {}): Promise<GenerateResult> {
    // A seed of this side, so that a second process goes on as the first would have.
    const seed = request.sampling?.seed ?? Math.floor(Math.random() * 2 ** 32);
    const ids = [...(request.generated ?? [])];
    const attempt = async (): Promise<GenerateResult> => {
      const { handle } = await this.ready(options);
      const params = { ...request, handle, sampling: { ...request.sampling, seed }, ...(ids.length === 0 ? {} : { generated: Uint32Array.from(ids) }) };
      return this.#sidecar.request("generate", params, {
        ...options,
        onProgress: (progress) => {
          for (const { id } of progress.tokens) ids.push(id);
          options.onProgress?.(progress);
        },
      });
    };
    return this.#twice(attempt, options.signal);
  }

  /** Scores a text. @throws as {@link generate}. */
  async score(request: ScoreRequest, options: { readonly signal?: CancelSignal; readonly onProgress?: (progress: { readonly done: number }) => void } = {}): Promise<ScoreResult> {
    const attempt = async (): Promise<ScoreResult> => {
      const { handle } = await this.ready(options);
      return this.#sidecar.request("score", { ...request, handle }, options);
    };
    return this.#twice(attempt, options.signal);
  }

  /** Frees its memory. */
  dispose(): void {
    this.#disposed = true;
    const loaded = this.#loaded;
    if (loaded === undefined) return;
    void loaded.info.then(
      ({ handle }) => {
        if (loaded.process === this.#sidecar.running) this.#sidecar.request("unload", { handle }).catch(() => undefined);
      },
      () => undefined,
    );
  }

  async #twice<T>(attempt: () => Promise<T>, signal: CancelSignal | undefined): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (!hasCode(error, "sidecar-crashed") || signal?.aborted) throw error;
      return attempt();
    }
  }
}
