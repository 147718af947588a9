import type { ScoreRequest, ScoreResult } from "../../protocol/sidecar";
import { distribution } from "./logits";

/** Collects the scores of a text from the logits of its places, which come in pieces. */
export class Scores {
  readonly #request: ScoreRequest;
  readonly #logProbabilities: Float32Array;
  readonly #entropies: Float32Array;
  readonly #watched: Float32Array;
  readonly #nonFinite: number[] = [];

  constructor(request: ScoreRequest) {
    this.#request = request;
    this.#logProbabilities = new Float32Array(request.ids.length);
    this.#entropies = new Float32Array(request.ids.length);
    this.#watched = new Float32Array(request.ids.length * (request.watch?.length ?? 0));
  }

  /** @param logits of `count` places from `first` on, row after row. */
  add(first: number, logits: Float32Array, count: number): void {
    const width = logits.length / count;
    for (let i = 0; i < count; i++) this.#addPlace(first + i, logits.subarray(i * width, (i + 1) * width));
  }

  result(): Omit<ScoreResult, "device"> {
    return { logProbabilities: this.#logProbabilities, entropies: this.#entropies, watched: this.#watched, nonFinite: this.#nonFinite };
  }

  /** The logits of a place predict the one behind it. */
  #addPlace(place: number, logits: Float32Array): void {
    const { ids, watch = [] } = this.#request;
    const { normalizer, entropy, nonFinite } = distribution(logits);
    watch.forEach((id, k) => (this.#watched[place * watch.length + k] = (logits[id] ?? Number.NaN) - normalizer));
    const next = ids[place + 1];
    if (next === undefined) return;
    this.#logProbabilities[place + 1] = (logits[next] ?? Number.NaN) - normalizer;
    this.#entropies[place + 1] = entropy;
    if (nonFinite) this.#nonFinite.push(place + 1);
  }
}
