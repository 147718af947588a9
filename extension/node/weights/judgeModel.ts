import type { CancelSignal } from "../../base/cancellation";
import { member } from "../../core/dataset/values";
import { openEmbeddings } from "../../core/weights/embeddings";
import type { EmbeddingMatrices, RowMatrix } from "../../core/weights/matrix";
import { measureChosenEmbeddings } from "../../core/weights/statistics/chosenEmbeddings";
import { type EmbeddingStatistics, measureEmbeddings, type ScanAllOptions } from "../../core/weights/statistics/embeddingStatistics";
import type { RowStatistics } from "../../core/weights/statistics/rowStatistics";
import { InterruptedScan, type ScanPiece, scanPieces } from "../../core/weights/statistics/scanPieces";
import { scanRows } from "../../core/weights/statistics/scanRows";
import { judgeRows } from "../../core/weights/verdict/judge";
import { type ModelVocabulary, modelVocabulary, unknownVocabulary } from "../../core/weights/verdict/modelVocabulary";
import { referenceIds } from "../../core/weights/verdict/referenceIds";
import type { TokenCodec } from "../../core/weights/verdict/vocabulary";
import type { UntrainedModel, VerdictsProgress, VerdictsRequest } from "../../core/weights/workerMethods";
import { cacheFolder } from "../cache/cacheFolder";
import { describeFolder, describeGguf, type ModelDescription } from "./modelFiles";
import { blockingFiles, type ModelWeights, resolveWeights } from "./modelWeights";
import type { RowScanners } from "./scanThreads";
import { partKey, StatisticsCache, statisticsKey } from "./statisticsCache";

export interface JudgeOptions {
  /** Those that measure rows besides this thread. */
  readonly scanners?: RowScanners | undefined;
  readonly signal?: CancelSignal | undefined;
  readonly onProgress?: ((progress: VerdictsProgress) => void) | undefined;
}

/**
 * Opens a model, measures its rows, unless the cache has their statistics, and judges them. Reading holds up the thread.
 * @throws what `resolveModel`, `openEmbeddings` and `measureEmbeddings` throw; CancelledError.
 */
export async function judgeModel(request: VerdictsRequest, options: JudgeOptions): Promise<UntrainedModel> {
  const { signal, onProgress } = options;
  const found = await resolveWeights(request.model, { ...request.hub, signal, progress: onProgress });
  const folder = found.source.kind === "gguf" || found.source.kind === "hub" && found.source.file !== undefined ? undefined : await describeFolder(found.source.folder);
  const matrices = await openEmbeddings(blockingFiles(found.weights), folder?.config ?? {});
  const cache = new StatisticsCache(request.cache ?? cacheFolder());
  try {
    const description = await descriptionOf(found, matrices, folder);
    const { vocabulary, special } = vocabularyOf(description, matrices.input.rows);
    const reference = (): readonly number[] => {
      const modelType = member(description.config, "model_type");
      return referenceIds(vocabulary, typeof modelType === "string" ? modelType : undefined, matrices.output.rows);
    };
    const statistics =
      request.ids === undefined || (await cache.knows(matrices))
        ? await measured(matrices, reference(), { ids: request.ids, cache, options })
        : await measureChosenEmbeddings(matrices, request.ids, signal);
    const { input, output, tied } = matrices;
    const nameOrPath = member(description.config, "_name_or_path");
    return {
      name: found.source.name,
      dtype: input.dtype,
      input: { file: input.file, tensor: input.tensor },
      output: tied ? undefined : { file: output.file, tensor: output.tensor },
      statistics,
      report: judgeRows({ statistics, special, vocabulary: { ...vocabulary, codec: statistics.measured === undefined ? await loadCodec(description) : undefined } }),
      special,
      tokens: description.tokenizer === undefined ? undefined : Array.from({ length: vocabulary.size }, (_, id) => vocabulary.token(id)),
      nameOrPath: typeof nameOrPath === "string" ? nameOrPath : undefined,
      notes: [...description.notes, ...(description.tokenizer === undefined ? [`${found.source.name} has no tokenizer that can be read here, so tokens are called by their ids.`] : [])],
    };
  } finally {
    await matrices.close();
  }
}

/** A folder may hold nothing but a GGUF file, which then says what other folders have in small files. */
async function descriptionOf({ weights }: ModelWeights, { input }: EmbeddingMatrices, folder: ModelDescription | undefined): Promise<ModelDescription> {
  if (folder?.tokenizer !== undefined || (folder !== undefined && !/\.gguf$/i.test(input.file))) return folder;
  return await describeGguf(weights, input.file);
}

// ── measuring ────────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Measuring {
  readonly ids: readonly number[] | undefined;
  readonly cache: StatisticsCache;
  readonly options: JudgeOptions;
}

async function measured(matrices: EmbeddingMatrices, reference: readonly number[], { ids, cache, options }: Measuring): Promise<EmbeddingStatistics> {
  const key = statisticsKey(matrices, reference);
  const known = key === undefined ? undefined : await cache.read(key);
  if (known !== undefined) return known;
  if (ids !== undefined) return await measureChosenEmbeddings(matrices, ids, options.signal);
  let tellAt = 0;
  const statistics = await measureEmbeddings(matrices, {
    referenceIds: reference,
    signal: options.signal,
    onProgress: (doneBytes, totalBytes) => {
      if (doneBytes < totalBytes && performance.now() < tellAt) return;
      tellAt = performance.now() + TOLD_EVERY_MS;
      options.onProgress?.({ file: matrices.input.file, doneBytes, totalBytes });
    },
    scan: (matrix, scan) => scanAll(matrix, scan, options.scanners, cache),
  });
  if (key !== undefined) await cache.write(key, statistics);
  return statistics;
}

/** More often nobody sees it, and it takes time from a thread that measures. */
const TOLD_EVERY_MS = 10;

/** Pieces that are read from a network at the same time. */
const REMOTE_PIECES = 6;

/**
 * Measures all rows of a matrix: of a file on disk in several threads, this one among them. From a network it comes piece by
 * piece, and what is done is kept when it breaks off.
 */
async function scanAll(matrix: RowMatrix, { direction, signal, onProgress }: ScanAllOptions, scanners: RowScanners | undefined, cache: StatisticsCache): Promise<RowStatistics> {
  const { path, remote = false } = matrix.access;
  const own: ScanPiece = (from, to, told) => scanRows(matrix, { from, to, direction, signal, onProgress: told });
  // From a network, several pieces are under way at once; measuring them is no work for more than one thread.
  const others = path === undefined ? Array.from({ length: remote ? REMOTE_PIECES - 1 : 0 }, () => own) : (scanners?.scannersOf(matrix, direction, signal) ?? []);
  const part = remote ? partKey(matrix, direction) : undefined;
  const earlier = part === undefined ? undefined : await cache.readPart(part);
  try {
    return await scanPieces(matrix, [own, ...others], { withDot: direction !== undefined, signal, onProgress, earlier });
  } catch (error) {
    if (!(error instanceof InterruptedScan)) throw error;
    if (part !== undefined && error.done !== undefined) await cache.writePart(part, error.done);
    throw error.cause;
  }
}

// ── tokens ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

function vocabularyOf({ tokenizer, tokenizerConfig, padding }: ModelDescription, rows: number): ModelVocabulary {
  return tokenizer === undefined ? unknownVocabulary(rows) : modelVocabulary(tokenizer, tokenizerConfig, padding);
}

/** Reads text as the model does. With it comes all that knows tokenizers, which is most of this thread's code. */
async function loadCodec({ tokenizer, tokenizerConfig }: ModelDescription): Promise<TokenCodec | undefined> {
  return tokenizer === undefined ? undefined : (await import("../../core/weights/verdict/codec")).codecOfFile(tokenizer, tokenizerConfig);
}
