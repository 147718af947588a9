import { type CancelSignal, throwIfCancelled } from "../../base/cancellation";
import type { GeneratedToken, ScoreRequest, ScoreResult } from "../../protocol/sidecar";
import { type EngineModel, type TokenEvent, type TokenRequest } from "../engine";
import { describeToken } from "../generation/logits";
import { Scores } from "../generation/scores";
import { isGreedy, sample } from "../generation/sampler";
import { eventLoop } from "../host";
import type { OnnxDecoder } from "./decoder";
import { StepSize } from "../generation/stepSize";

/** Prompts are computed in steps of at most this many tokens; the logits of all places of a step must fit into memory. */
const LARGEST_STEP = 512;

/** The logits of a score's step have at most this many values: 256 MB. */
const MAX_SCORE_LOGITS = 64 * 1024 * 1024;

/** The most tokens of one run of the loop; more would come in visible bursts. */
const LARGEST_LOOP = 64;

/** A decoder on ONNX Runtime. */
export class OnnxModel implements EngineModel {
  readonly info: EngineModel["info"];
  readonly decode = undefined;
  readonly #decoder: OnnxDecoder;
  readonly #promptStep = new StepSize(16, LARGEST_STEP);
  readonly #loopStep = new StepSize(8, LARGEST_LOOP);
  /** The ids in the cache; at least as many as it holds. */
  #cached: number[] = [];

  constructor(decoder: OnnxDecoder, info: EngineModel["info"]) {
    this.#decoder = decoder;
    this.info = info;
  }

  async *generate(request: TokenRequest, signal: CancelSignal): AsyncGenerator<TokenEvent, void, undefined> {
    const { ids, generated, maxTokens, stopIds } = request;
    const reused = await this.#reuse(ids);
    yield { kind: "prompt", done: reused, reused };
    let pending = ids.subarray(reused);
    while (pending.length > this.#promptStep.size) {
      throwIfCancelled(signal);
      const part = pending.subarray(0, this.#promptStep.size);
      await this.#timed(this.#promptStep, part.length, () => this.#decoder.feed(part, "nothing"));
      this.#remember(part);
      pending = pending.subarray(part.length);
      yield { kind: "prompt", done: ids.length - pending.length, reused };
      await eventLoop();
    }
    const onDevice = isGreedy(request.sampling) && request.probabilities === undefined && this.#decoder.choosesTokens;
    const seen = Array.from(ids);
    for (let count = 0; count < maxTokens; ) {
      throwIfCancelled(signal);
      const tokens = onDevice ? await this.#chosenOnDevice(pending, maxTokens - count, stopIds) : [await this.#sampled(pending, seen, generated + count, request)];
      count += tokens.length;
      for (const { id } of tokens) seen.push(id);
      const last = seen.at(-1) ?? 0;
      pending = Uint32Array.of(last);
      yield { kind: "tokens", tokens };
      if (stopIds.has(last)) return;
      await eventLoop();
    }
  }

  async score(request: ScoreRequest, signal: CancelSignal, onProgress: (done: number) => void): Promise<Omit<ScoreResult, "device">> {
    const { ids } = request;
    const scores = new Scores(request);
    await this.#decoder.truncate(0);
    this.#cached = [];
    const largest = Math.max(1, Math.floor(MAX_SCORE_LOGITS / Math.min(this.info.vocabularySize, MAX_SCORE_LOGITS)));
    const step = new StepSize(16, Math.min(LARGEST_STEP, 2 ** Math.floor(Math.log2(largest))));
    for (let done = 0; done < ids.length; done = this.#decoder.length) {
      throwIfCancelled(signal);
      const part = ids.subarray(done, done + step.size);
      await this.#timed(step, part.length, async () => scores.add(done, await this.#decoder.feed(part, "all"), part.length));
      this.#remember(part);
      onProgress(this.#decoder.length);
      await eventLoop();
    }
    return scores.result();
  }

  async dispose(): Promise<void> {
    await this.#decoder.dispose();
  }

  /** Keeps what the cache has in common with the ids, but for the last of them, which has to be fed. */
  async #reuse(ids: Uint32Array): Promise<number> {
    const most = Math.min(this.#decoder.length, ids.length - 1);
    let common = 0;
    while (common < most && this.#cached[common] === ids[common]) common++;
    await this.#decoder.truncate(common);
    this.#cached.length = common;
    return common;
  }

  async #sampled(pending: Uint32Array, seen: readonly number[], step: number, { sampling, probabilities }: TokenRequest): Promise<GeneratedToken> {
    const logits = await this.#timed(this.#promptStepOf(pending), pending.length, () => this.#decoder.feed(pending, "last"));
    this.#remember(pending);
    const id = sample(logits, sampling, seen, step);
    return probabilities === undefined ? { id } : describeToken(id, logits, probabilities.top);
  }

  /** Tokens up to the first that ends the answer. The cache may have more of them; the next request takes what it needs. */
  async #chosenOnDevice(pending: Uint32Array, atMost: number, stopIds: ReadonlySet<number>): Promise<GeneratedToken[]> {
    // A prompt's token should be seen as soon as it is known, and every step of a loop gives logits of the same shape.
    const looping = this.#decoder.loops && pending.length === 1;
    const steps = looping ? Math.min(this.#loopStep.size, atMost) : 1;
    const ids = await this.#timed(looping ? this.#loopStep : this.#promptStepOf(pending), looping ? steps : pending.length, () => this.#decoder.loop(pending, steps));
    this.#remember(pending);
    this.#remember(ids.slice(0, -1));
    const stop = ids.findIndex((id) => stopIds.has(id));
    return (stop === -1 ? ids : ids.slice(0, stop + 1)).map((id) => ({ id }));
  }

  /** What learns from computing these tokens: nothing of a single one, which as a part of an answer is far dearer than one of a prompt. */
  #promptStepOf(pending: Uint32Array): StepSize | undefined {
    return pending.length > 1 ? this.#promptStep : undefined;
  }

  async #timed<T>(step: StepSize | undefined, tokens: number, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    step?.took(tokens, performance.now() - started);
    return result;
  }

  #remember(ids: Iterable<number>): void {
    for (const id of ids) this.#cached.push(id);
  }
}
