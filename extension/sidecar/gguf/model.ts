import type { Llama, LlamaContextSequence, LlamaModel as LoadedLlama, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import { type CancelSignal, throwIfCancelled } from "../../base/cancellation";
import type { GeneratedToken, ScoreRequest, ScoreResult } from "../../protocol/sidecar";
import type { EngineModel, SamplingSettings, TokenEvent, TokenRequest } from "../engine";
import { describeToken } from "../generation/logits";
import { sample } from "../generation/sampler";
import { Scores } from "../generation/scores";
import { StepSize } from "../generation/stepSize";
import { eventLoop } from "../host";

/** Logits cross into JavaScript one number at a time, so that a score's steps are short. */
const LARGEST_SCORE_STEP = 64;

/** Tokens are told at most so often: a screen shows no more, and telling each would cost a tenth of the speed of a fast GPU. */
const TELL_MS = 15;

/** A model on llama.cpp. */
export class GgufModel implements EngineModel {
  readonly info: EngineModel["info"];
  readonly #llama: Llama;
  readonly #model: LoadedLlama;
  readonly #sequence: LlamaContextSequence;
  readonly #promptStep = new StepSize(16, 512);

  constructor(llama: Llama, model: LoadedLlama, sequence: LlamaContextSequence, info: EngineModel["info"]) {
    this.#llama = llama;
    this.#model = model;
    this.#sequence = sequence;
    this.info = info;
  }

  get decode(): (ids: readonly number[]) => string {
    return (ids) => this.#model.detokenize(ids as readonly Token[], false);
  }

  async *generate(request: TokenRequest, signal: CancelSignal): AsyncGenerator<TokenEvent, void, undefined> {
    const ids = Array.from(request.ids) as Token[];
    const reused = await this.#reuse(ids);
    yield { kind: "prompt", done: reused, reused };
    // The last token is evaluated together with the choice of the next.
    for (let done = reused; done < ids.length - 1; ) {
      throwIfCancelled(signal);
      const part = ids.slice(done, Math.min(done + this.#promptStep.size, ids.length - 1));
      const started = performance.now();
      await this.#sequence.evaluateWithoutGeneratingNewTokens(part);
      this.#promptStep.took(part.length, performance.now() - started);
      done += part.length;
      yield { kind: "prompt", done, reused };
      await eventLoop();
    }
    yield* request.probabilities === undefined ? this.#fast(ids, request, signal) : this.#withProbabilities(ids, request, signal);
  }

  async score(request: ScoreRequest, signal: CancelSignal, onProgress: (done: number) => void): Promise<Omit<ScoreResult, "device">> {
    const scores = new Scores(request);
    await this.#sequence.clearHistory();
    for (let done = 0; done < request.ids.length; done += LARGEST_SCORE_STEP) {
      throwIfCancelled(signal);
      const part = Array.from(request.ids.subarray(done, done + LARGEST_SCORE_STEP)) as Token[];
      const rows = await this.#logits(part, true);
      rows.forEach((row, i) => scores.add(done + i, row, 1));
      onProgress(done + part.length);
      await eventLoop();
    }
    return scores.result();
  }

  async dispose(): Promise<void> {
    await this.#model.dispose();
    await this.#llama.dispose();
  }

  /** With llama.cpp's own sampler, which is as fast as it gets. */
  async *#fast(ids: readonly Token[], { maxTokens, sampling, stopIds, generated }: TokenRequest, signal: CancelSignal): AsyncGenerator<TokenEvent, void, undefined> {
    const seen = [...ids];
    let count = 0;
    if (maxTokens === 0) return;
    let tokens: GeneratedToken[] = [];
    let told = 0;
    const evaluation = this.#sequence.evaluate(ids.slice(-1), { ...llamaSampling(sampling, generated, () => seen), yieldEogToken: true });
    try {
      for (let next = evaluation.next(); ; ) {
        const { value: id, done } = await next;
        throwIfCancelled(signal);
        if (done === true) return;
        seen.push(id);
        tokens.push({ id });
        const last = stopIds.has(id) || ++count >= maxTokens;
        // The device computes the next token while this one is told.
        if (!last) next = evaluation.next();
        const now = performance.now();
        if (!last && now - told < TELL_MS) continue;
        told = now;
        yield { kind: "tokens", tokens };
        if (last) return;
        tokens = [];
      }
    } finally {
      await evaluation.return();
    }
  }

  async *#withProbabilities(ids: readonly Token[], { maxTokens, sampling, stopIds, generated, probabilities }: TokenRequest, signal: CancelSignal): AsyncGenerator<TokenEvent, void, undefined> {
    const seen = [...ids];
    for (let count = 0; count < maxTokens; count++) {
      throwIfCancelled(signal);
      const [row = new Float32Array(0)] = await this.#logits(seen.slice(-1), false);
      const id = sample(row, sampling, seen, generated + count);
      seen.push(id as Token);
      const token: GeneratedToken = describeToken(id, row, probabilities?.top ?? 0);
      yield { kind: "tokens", tokens: [token] };
      if (stopIds.has(id)) return;
      await eventLoop();
    }
  }

  /** Evaluates tokens and gives the logits behind each of them, or behind the last. */
  async #logits(ids: readonly Token[], each: boolean): Promise<Float32Array[]> {
    const wanted = { generateNext: { logits: true } } as const;
    const outputs = await this.#sequence.controlledEvaluate(ids.map((id, i) => (each || i === ids.length - 1 ? [id, wanted] : id)));
    const rows: Float32Array[] = [];
    for (const output of outputs) {
      const logits = output?.next.logits;
      if (logits === undefined) continue;
      const row = new Float32Array(this.info.vocabularySize).fill(-Infinity);
      for (const [id, value] of logits) row[id] = value;
      rows.push(row);
    }
    return rows;
  }

  /** Keeps what the context has in common with the ids, but for the last of them. */
  async #reuse(ids: readonly Token[]): Promise<number> {
    const { contextTokens, nextTokenIndex } = this.#sequence;
    const most = Math.min(nextTokenIndex, contextTokens.length, ids.length - 1);
    let common = 0;
    while (common < most && contextTokens[common] === ids[common]) common++;
    if (common < nextTokenIndex) await this.#sequence.eraseContextTokenRanges([{ start: common, end: nextTokenIndex }]);
    return this.#sequence.nextTokenIndex;
  }
}

/** Our settings in node-llama-cpp's words; its defaults are others. */
function llamaSampling({ temperature, topK, topP, minP, repetitionPenalty, seed }: SamplingSettings, generated: number, seen: () => Token[]): SequenceEvaluateOptions {
  return {
    temperature,
    topK,
    topP,
    minP,
    // An answer that goes on after a crash must not repeat the same draws.
    seed: (seed + generated) >>> 0,
    ...(repetitionPenalty === 1 ? {} : { repeatPenalty: { penalty: repetitionPenalty, punishTokens: seen, maxPunishTokens: Number.MAX_SAFE_INTEGER } }),
  };
}
