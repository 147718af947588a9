import { type CancelSignal, throwIfCancelled } from "../../base/cancellation";
import type { FinishReason, GenerateProgress, GenerateRequest, GenerateResult } from "../../protocol/sidecar";
import type { EngineModel, SamplingSettings } from "../engine";
import { inferenceError } from "../errors";
import { TextStream } from "./textStream";

/** Generates an answer with whichever engine: text, stop texts, limits and timing are the same for all. */
export async function generate(
  model: EngineModel,
  decode: (ids: readonly number[]) => string,
  request: GenerateRequest,
  context: { readonly signal: CancelSignal; progress(value: GenerateProgress): void },
): Promise<GenerateResult> {
  const earlier = request.generated ?? new Uint32Array(0);
  const ids = new Uint32Array(request.prompt.length + earlier.length);
  ids.set(request.prompt);
  ids.set(earlier, request.prompt.length);
  const { device, contextLength, vocabularySize, stopIds } = model.info;
  checkIds(ids, vocabularySize);
  const room = contextLength - ids.length;
  if (room < 1) throw inferenceError("prompt-too-long", `The prompt has ${ids.length} tokens; the model's context has room for ${contextLength}. Shorten the conversation.`);
  const wanted = Math.max(0, Math.floor(request.maxNewTokens)) - earlier.length;
  const stops = new Set(request.stopIds ?? stopIds);
  const sampling = settingsOf(request);
  const text = new TextStream(decode, request.stopTexts ?? []);
  const generated: number[] = [...earlier];
  text.push(generated);
  const started = performance.now();
  let firstAt: number | undefined;
  let promptAt = started;
  let lastAt = started;
  let reused = 0;
  let reason: FinishReason = wanted > room ? "context" : "length";
  const stream = model.generate(
    { ids, generated: earlier.length, maxTokens: Math.min(wanted, room), sampling, stopIds: stops, probabilities: request.probabilities },
    context.signal,
  );
  for await (const event of stream) {
    throwIfCancelled(context.signal);
    lastAt = performance.now();
    if (event.kind === "prompt") {
      reused = event.reused;
      promptAt = lastAt;
      context.progress({ tokens: [], text: "", promptDone: event.done });
      continue;
    }
    // Tokens that come together took the same time each.
    firstAt ??= promptAt + (lastAt - promptAt) / event.tokens.length;
    const batch = event.tokens.map(({ id }) => id);
    generated.push(...batch);
    const ended = stops.has(batch.at(-1) ?? -1);
    const piece = text.push(ended ? batch.slice(0, -1) : batch);
    context.progress({ tokens: event.tokens, text: piece, promptDone: ids.length });
    if (ended) reason = "stop";
    if (text.stopped) reason = "stop-text";
    if (ended || text.stopped) break;
  }
  throwIfCancelled(context.signal);
  const rest = text.end();
  if (rest !== "") context.progress({ tokens: [], text: rest, promptDone: ids.length });
  const later = generated.length - earlier.length - 1;
  return {
    ids: Uint32Array.from(generated),
    text: text.text,
    finishReason: reason,
    device,
    seed: sampling.seed,
    promptTokens: request.prompt.length,
    reusedTokens: reused,
    prefillMs: (firstAt ?? lastAt) - started,
    decodeTokensPerSecond: firstAt === undefined || later < 1 ? 0 : later / ((lastAt - firstAt) / 1000),
  };
}

/** @throws TunesmithError `bad-request` for no ids, or one outside the vocabulary: native code would read outside its tables. */
export function checkIds(ids: Uint32Array, vocabularySize: number): void {
  if (ids.length === 0) throw inferenceError("bad-request", "The prompt has no tokens. Give it some text.");
  const outside = ids.find((id) => id >= vocabularySize);
  if (outside !== undefined) {
    throw inferenceError("bad-request", `The prompt has the token ${outside}; the model has embeddings for ids below ${vocabularySize}. Its tokenizer belongs to another model.`);
  }
}

function settingsOf({ sampling = {} }: GenerateRequest): SamplingSettings {
  const { temperature = 0, topK = 0, topP = 1, minP = 0, repetitionPenalty = 1, seed = Math.floor(Math.random() * 2 ** 32) } = sampling;
  const valid = temperature >= 0 && topK >= 0 && topP > 0 && topP <= 1 && minP >= 0 && minP <= 1 && repetitionPenalty > 0;
  if (!valid) throw inferenceError("bad-request", "Sampling settings must be: temperature ≥ 0, top-k ≥ 0, 0 < top-p ≤ 1, 0 ≤ min-p ≤ 1, repetition penalty > 0.");
  return { temperature, topK, topP, minP, repetitionPenalty, seed };
}
