import type { Contract } from "./channel";

/** What runs a model in the sidecar. */
export type LocalEngine = "onnx" | "gguf";

/** Where a model can run. `vulkan` and `metal` are llama.cpp's, for GGUF models; the others ONNX Runtime's. */
export type Device = "cpu" | "webgpu" | "cuda" | "dml" | "coreml" | "vulkan" | "metal";

/** `auto` takes the fastest that works. For a GGUF model every word but `cpu` asks for the GPU, by the way llama.cpp has. */
export type DeviceChoice = "auto" | Device;

/** Whether a device works here, as a process that may die has tried. */
export interface DeviceReport {
  readonly device: Device;
  readonly works: boolean;
  /** Why it does not, for people. */
  readonly reason?: string;
}

/** Which model to load, and how. */
export interface LoadRequest {
  readonly engine: LocalEngine;
  /** A model folder, or a GGUF file; absolute. */
  readonly path: string;
  readonly device: DeviceChoice;
  /** Which of the folder's files: the ending of its name (`fp16`, `q4`, `q4f16`, `quantized`), or `""` for `model.onnx`. The best for the device when left out. */
  readonly variant?: string;
  /** Tokens of context to make room for; as many as the model was trained on, within memory, when left out. */
  readonly contextLength?: number;
  /** Threads for work on the CPU; as many as there are real cores, within what the operating system grants, when left out. */
  readonly threads?: number;
}

/** A model that is loaded. */
export interface LoadedInfo {
  /** Names it in requests, until it is unloaded or the process ends. */
  readonly handle: number;
  readonly engine: LocalEngine;
  readonly device: Device;
  /** The file that was loaded, as people write it: `onnx/model_q4.onnx`. */
  readonly file: string;
  readonly vocabularySize: number;
  /** Prompt and answer together must not have more tokens. */
  readonly contextLength: number;
  /** The ids that end an answer: generation_config.json's, else config.json's, else the file's own. */
  readonly stopIds: readonly number[];
  /** What people should know: a device that was asked for and does not work, a limit that was set. */
  readonly notes: readonly string[];
  readonly loadMs: number;
}

/** How the next token is chosen. All left out: the most probable one. */
export interface Sampling {
  /** 0 chooses the most probable token; 1 leaves the probabilities as they are. 0 when left out. */
  readonly temperature?: number;
  /** Only the `topK` most probable; 0 or left out for all. */
  readonly topK?: number;
  /** Only the most probable whose probabilities together reach `topP`; 1 when left out. */
  readonly topP?: number;
  /** Only those with at least `minP` times the probability of the most probable; 0 when left out. */
  readonly minP?: number;
  /** Divides positive and multiplies negative logits of tokens that are there already, as `transformers` does; 1 when left out. */
  readonly repetitionPenalty?: number;
  /** The same seed gives the same text on the same device. A new one, which the result names, when left out. */
  readonly seed?: number;
}

export interface GenerateRequest {
  /** The ids of the prompt: at least one. What the last request had in common with it is not computed again. */
  readonly prompt: Uint32Array;
  /** Ids that an earlier request, cut short, had already generated for the prompt. They count as generated, and are not reported again. */
  readonly generated?: Uint32Array;
  readonly maxNewTokens: number;
  readonly sampling?: Sampling;
  /** Instead of the model's own. */
  readonly stopIds?: readonly number[];
  /** Texts that end the answer; they are not part of it. */
  readonly stopTexts?: readonly string[];
  /** Report the probability of each token, and how many candidates beside it. Slower for GGUF models. */
  readonly probabilities?: { readonly top: number };
}

/** A token that was generated. */
export interface GeneratedToken {
  readonly id: number;
  /** Natural logarithm of its probability before sampling settings; undefined where it was not asked for. */
  readonly logProbability?: number;
  /** Nats; how undecided the model was. */
  readonly entropy?: number;
  /** The most probable candidates, the first the most probable. */
  readonly top?: readonly { readonly id: number; readonly logProbability: number }[];
}

/** Tokens as they come. */
export interface GenerateProgress {
  readonly tokens: readonly GeneratedToken[];
  /** What they add to the text: characters that are whole, without special tokens, and not the beginning of a stop text. */
  readonly text: string;
  /** How much of the prompt is computed; the tokens begin when all is. */
  readonly promptDone: number;
}

/** Why the answer ended: a token or text that ends it, `maxNewTokens`, or the model's context. */
export type FinishReason = "stop" | "stop-text" | "length" | "context";

export interface GenerateResult {
  /** All that were generated, those of `generated` and the one that ended the answer included. */
  readonly ids: Uint32Array;
  /** The answer, without special tokens and stop texts. */
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly device: Device;
  readonly seed: number;
  readonly promptTokens: number;
  /** Those of the prompt that were in the cache. */
  readonly reusedTokens: number;
  /** From the request to the logits of the first token. */
  readonly prefillMs: number;
  /** 0 where fewer than two tokens were generated. */
  readonly decodeTokensPerSecond: number;
}

export interface ScoreRequest {
  /** At least two. */
  readonly ids: Uint32Array;
  /** Ids whose probability is wanted at every place, such as the one that ends a turn. */
  readonly watch?: readonly number[];
}

export interface ScoreResult {
  /** `logProbabilities[i]`: the natural logarithm of the probability of `ids[i]` after those before it; [0] is 0, as nothing predicts the first. */
  readonly logProbabilities: Float32Array;
  /** `entropies[i]`: of the prediction of `ids[i]`, in nats; [0] is 0. */
  readonly entropies: Float32Array;
  /** `watched[i * watch.length + k]`: the logarithm of the probability of `watch[k]` after `ids[0..i]`, that is, as the token behind `ids[i]`. */
  readonly watched: Float32Array;
  /** Places whose prediction has a NaN or an infinity, as training would meet it. */
  readonly nonFinite: readonly number[];
  readonly device: Device;
}

/** What the sidecar answers. Errors have the codes that `extension/sidecar/errors.ts` lists. */
export interface SidecarContract extends Contract {
  readonly methods: {
    /** Tries each device of ONNX Runtime in a process of its own. Slow the first time (seconds). */
    readonly devices: { readonly params: null; readonly result: readonly DeviceReport[]; readonly progress: never };
    readonly load: { readonly params: LoadRequest; readonly result: LoadedInfo; readonly progress: never };
    /** Frees the model's memory. Unknown handles do nothing. */
    readonly unload: { readonly params: { readonly handle: number }; readonly result: null; readonly progress: never };
    readonly generate: { readonly params: GenerateRequest & { readonly handle: number }; readonly result: GenerateResult; readonly progress: GenerateProgress };
    readonly score: { readonly params: ScoreRequest & { readonly handle: number }; readonly result: ScoreResult; readonly progress: { readonly done: number } };
    /** Answers as soon as no step of a model is in the way: that it does says that the process is well. */
    readonly ping: { readonly params: null; readonly result: { readonly residentBytes: number }; readonly progress: never };
  };
  readonly events: {
    /** For the log: what a native library says, what was tried. */
    readonly log: { readonly level: "debug" | "info" | "warn"; readonly message: string };
  };
}

/** What the sidecar asks of its host: nothing. */
export interface SidecarHostContract extends Contract {
  readonly methods: Record<never, never>;
  readonly events: Record<never, never>;
}
