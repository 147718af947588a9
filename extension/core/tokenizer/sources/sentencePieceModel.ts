import { VocabularyError } from "./errors";
import { type ProtobufField, protobufFields } from "./protobuf";

export type PieceKind = "normal" | "unknown" | "control" | "userDefined" | "unused" | "byte";

/** What a SentencePiece `.model` file holds, as far as it decides how text is tokenized. Pieces are by id. */
export interface SentencePieceModel {
  readonly type: "unigram" | "bpe";
  readonly pieces: readonly string[];
  readonly scores: Float32Array;
  readonly kinds: readonly PieceKind[];
  readonly byteFallback: boolean;
  readonly addDummyPrefix: boolean;
  readonly removeExtraWhitespaces: boolean;
  readonly escapeWhitespaces: boolean;
  /** `precompiled_charsmap`; empty where text is taken as it is. */
  readonly charsmap: Uint8Array;
  /** Ids, -1 where the model has none. */
  readonly unknownId: number;
  readonly bosId: number;
  readonly eosId: number;
}

/** The largest vocabularies have a quarter of a million. */
const MAX_PIECES = 1 << 21;

/**
 * Reads a SentencePiece `.model` file (message ModelProto of sentencepiece_model.proto).
 * @throws VocabularyError `vocabulary-damaged`, `vocabulary-too-large`, or `vocabulary-unsupported` for a word or character model.
 */
export function readSentencePieceModel(bytes: Uint8Array): SentencePieceModel {
  const pieces: string[] = [];
  const scores: number[] = [];
  const kinds: PieceKind[] = [];
  let trainer = { ...TRAINER };
  let normalizer = { ...NORMALIZER };
  for (const field of protobufFields(bytes)) {
    if (field.number === 1) {
      if (pieces.length === MAX_PIECES) throw new VocabularyError("vocabulary-too-large", `The model has more than ${MAX_PIECES} pieces.`, field.start);
      const piece = readPiece(bytes, field);
      pieces.push(piece.text);
      scores.push(piece.score);
      kinds.push(piece.kind);
    } else if (field.number === 2) trainer = readTrainer(bytes, field);
    else if (field.number === 3) normalizer = readNormalizer(bytes, field);
  }
  if (pieces.length === 0) throw new VocabularyError("vocabulary-damaged", "The file has no pieces: it is not a SentencePiece model.");
  const { modelType, ...ids } = trainer;
  if (modelType !== 1 && modelType !== 2) {
    throw new VocabularyError("vocabulary-unsupported", `SentencePiece model type ${modelType} is neither unigram nor BPE.`);
  }
  return { type: modelType === 1 ? "unigram" : "bpe", pieces, scores: Float32Array.from(scores), kinds, ...ids, ...normalizer };
}

/** By the values of the enumeration `SentencePiece.Type`. */
const KINDS: readonly (PieceKind | undefined)[] = [undefined, "normal", "unknown", "control", "userDefined", "unused", "byte"];

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

function readPiece(bytes: Uint8Array, { start, end }: ProtobufField): { text: string; score: number; kind: PieceKind } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const piece = { text: "", score: 0, kind: "normal" as PieceKind };
  for (const field of protobufFields(bytes, start, end)) {
    if (field.number === 1) piece.text = utf8.decode(bytes.subarray(field.start, field.end));
    else if (field.number === 2 && field.wireType === 5) piece.score = view.getFloat32(field.start, true);
    else if (field.number === 3) piece.kind = KINDS[field.value] ?? "normal";
  }
  return piece;
}

/** The defaults of TrainerSpec. */
const TRAINER = { modelType: 1, byteFallback: false, unknownId: 0, bosId: 1, eosId: 2 };

function readTrainer(bytes: Uint8Array, { start, end }: ProtobufField): typeof TRAINER {
  const trainer = { ...TRAINER };
  for (const { number, value } of protobufFields(bytes, start, end)) {
    if (number === 3) trainer.modelType = value;
    else if (number === 35) trainer.byteFallback = value !== 0;
    else if (number === 40) trainer.unknownId = idOf(value);
    else if (number === 41) trainer.bosId = idOf(value);
    else if (number === 42) trainer.eosId = idOf(value);
  }
  return trainer;
}

/** Negative numbers are written as 64-bit ones. */
function idOf(value: number): number {
  return value > 0x7fffffff ? -1 : value;
}

/** The defaults of NormalizerSpec. */
const NORMALIZER = { addDummyPrefix: true, removeExtraWhitespaces: true, escapeWhitespaces: true, charsmap: new Uint8Array(0) };

function readNormalizer(bytes: Uint8Array, message: ProtobufField): typeof NORMALIZER {
  const normalizer = { ...NORMALIZER };
  for (const { number, value, start, end } of protobufFields(bytes, message.start, message.end)) {
    if (number === 2) normalizer.charsmap = bytes.slice(start, end);
    else if (number === 3) normalizer.addDummyPrefix = value !== 0;
    else if (number === 4) normalizer.removeExtraWhitespaces = value !== 0;
    else if (number === 5) normalizer.escapeWhitespaces = value !== 0;
  }
  return normalizer;
}
