import type { CancelSignal } from "../base/cancellation";
import type { GeneratedToken, LoadRequest, LoadedInfo, Sampling, ScoreRequest, ScoreResult } from "../protocol/sidecar";

/** Sampling settings, complete. */
export type SamplingSettings = Required<Sampling>;

export interface TokenRequest {
  /** The prompt, and behind it what was generated before. */
  readonly ids: Uint32Array;
  /** How many of {@link ids} were generated before: where the seed's sequence goes on. */
  readonly generated: number;
  /** How many more tokens at most. */
  readonly maxTokens: number;
  readonly sampling: SamplingSettings;
  readonly stopIds: ReadonlySet<number>;
  readonly probabilities: { readonly top: number } | undefined;
}

export type TokenEvent =
  /** `done` tokens of `ids` are computed, of which `reused` were in the cache. */
  | { readonly kind: "prompt"; readonly done: number; readonly reused: number }
  | { readonly kind: "tokens"; readonly tokens: readonly GeneratedToken[] };

/** A model that an engine has loaded. Requests come one at a time. */
export interface EngineModel {
  readonly info: Omit<LoadedInfo, "handle" | "loadMs">;
  /**
   * Computes the prompt and generates tokens, until the first that is in `stopIds` (which is given too) or until there are
   * `maxTokens`. Yields to the event loop at least every {@link STEP_MS}, so that a cancellation is heard.
   */
  generate(request: TokenRequest, signal: CancelSignal): AsyncGenerator<TokenEvent, void, undefined>;
  score(request: ScoreRequest, signal: CancelSignal, onProgress: (done: number) => void): Promise<Omit<ScoreResult, "device">>;
  /** The text of ids, without special tokens, where the engine has a tokenizer of its own; the model folder's is used before it. */
  readonly decode: ((ids: readonly number[]) => string) | undefined;
  dispose(): Promise<void>;
}

/** Loads models of one kind. */
export type LoadModel = (request: LoadRequest, log: (message: string) => void) => Promise<EngineModel>;

/** Steps are cut so that each takes about this long, in milliseconds: a cancellation has to take effect within 200. */
export const STEP_MS = 100;
