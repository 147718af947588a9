import { existsSync } from "node:fs";
import type { CancelSignal } from "../../base/cancellation";
import { UntrainedVerdicts } from "../../core/weights/verdict/explainToken";
import { unknownVocabulary } from "../../core/weights/verdict/modelVocabulary";
import type { TokenCodec, Vocabulary } from "../../core/weights/verdict/vocabulary";
import type { UntrainedModel, VerdictsProgress, VerdictsRequest } from "../../core/weights/workerMethods";
import { ScanThreads } from "./scanThreads";
import { withWeightsThread } from "./weightsThread";

/** The verdicts on a model's rows, with what they are about. */
export interface ModelVerdicts extends UntrainedModel {
  readonly verdicts: UntrainedVerdicts;
  readonly vocabulary: Vocabulary;
}

export interface VerdictsOptions {
  /** The bundle of any of the threads: `dist/worker.js`. */
  readonly workerPath: string;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((progress: VerdictsProgress) => void) | undefined;
}

/**
 * Judges the rows of a model, all of them or those of some ids. Everything that takes time is done in threads: the files are
 * read and measured there, the tokenizer is loaded, and every token is encoded. What was measured is kept on disk for as long
 * as the files stay the same. The vocabulary of the result cannot encode; {@link verdictsOf} takes one that can.
 * @throws TunesmithError of what is wrong with the model, its files or the network, for people; CancelledError.
 */
export async function modelVerdicts(request: VerdictsRequest, { workerPath, signal, onProgress }: VerdictsOptions): Promise<ModelVerdicts> {
  const options = { ...(signal === undefined ? {} : { signal }), ...(onProgress === undefined ? {} : { onProgress }) };
  const { model, ids, threads = 1 } = request;
  const scanThreads = new ScanThreads(workerPath, ids === undefined && existsSync(model) ? Math.max(1, threads) - 1 : 0);
  try {
    return await withWeightsThread(workerPath, "tunesmith verdicts", async (channel) => verdictsOf(await channel.request("judgeModel", request, options)), { ports: scanThreads.ports });
  } finally {
    await scanThreads.stop();
  }
}

/**
 * The verdicts that `model` holds, which may have come from another thread.
 * @param codec the model's tokenizer, see `codecOfFile`. Without it, messages of trainers show tokens as the vocabulary has them.
 */
export function verdictsOf(model: UntrainedModel, codec?: TokenCodec): ModelVerdicts {
  const { tokens, statistics, special, report } = model;
  const vocabulary: Vocabulary = tokens === undefined ? unknownVocabulary(statistics.input.max.length).vocabulary : { size: tokens.length, token: (id) => tokens[id], has: (id) => tokens[id] !== undefined, codec };
  return { ...model, vocabulary, verdicts: new UntrainedVerdicts({ statistics, special, vocabulary }, report) };
}
