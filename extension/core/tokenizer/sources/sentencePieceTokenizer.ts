import type { JsonObject, JsonValue } from "../../dataset/conversation";
import { encodeBase64 } from "../normalize/base64";
import { VocabularyError } from "./errors";
import { mergesOfPieces } from "./pieceMerges";
import type { SentencePieceModel } from "./sentencePieceModel";
import { REPLACE_SPACES, type SpecialId, addedToken, metaspace, sentencePieceDecoder, templateProcessing, wholeTokenizer } from "./tokenizerJson";

/**
 * The tokenizer.json that `transformers` makes of a SentencePiece model: for BPE that of LlamaTokenizer where the model puts a
 * space before a text, that of GemmaTokenizer where it does not; for unigram that of T5Tokenizer.
 * @param config the parsed tokenizer_config.json, or an empty object: `legacy`, `add_prefix_space`, `add_bos_token`, `add_eos_token`.
 * @throws VocabularyError `vocabulary-unsupported` for tokenizer classes that renumber the pieces.
 */
export function tokenizerOfSentencePiece(model: SentencePieceModel, config: JsonObject): JsonObject {
  const tokenizerClass = typeof config["tokenizer_class"] === "string" ? config["tokenizer_class"].replace(/Fast$/, "") : "";
  if (RENUMBERING.has(tokenizerClass)) {
    throw new VocabularyError("vocabulary-unsupported", `${tokenizerClass} gives the pieces of its SentencePiece model other ids. Save its tokenizer.json with transformers and use that.`);
  }
  return model.type === "bpe" ? bpeTokenizer(model, config) : unigramTokenizer(model, config);
}

/** Classes whose ids are not the pieces' numbers. */
const RENUMBERING: ReadonlySet<string> = new Set([
  "BarthezTokenizer",
  "CamembertTokenizer",
  "M2M100Tokenizer",
  "MBart50Tokenizer",
  "MBartTokenizer",
  "NllbTokenizer",
  "PegasusTokenizer",
  "SeamlessM4TTokenizer",
  "XGLMTokenizer",
  "XLMRobertaTokenizer",
  "XLNetTokenizer",
]);

function bpeTokenizer(model: SentencePieceModel, config: JsonObject): JsonObject {
  const prefixed = model.addDummyPrefix && config["add_prefix_space"] !== false;
  const legacy = config["legacy"] !== false;
  const normalizers: JsonValue[] = [...(prefixed && legacy ? [{ type: "Prepend", prepend: "▁" }] : []), REPLACE_SPACES];
  return wholeTokenizer({
    addedTokens: addedTokens(model),
    normalizer: legacy || !prefixed ? (normalizers.length > 1 ? { type: "Sequence", normalizers } : REPLACE_SPACES) : null,
    preTokenizer: legacy || !prefixed ? null : metaspace("first", false),
    postProcessor: around(model, config, true, false),
    decoder: sentencePieceDecoder(prefixed),
    model: {
      type: "BPE",
      dropout: null,
      unk_token: model.pieces[model.unknownId] ?? null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: model.byteFallback,
      ignore_merges: false,
      vocab: Object.fromEntries(model.pieces.map((piece, id) => [piece, id])),
      merges: mergesOfPieces(model.pieces, model.scores),
    },
  });
}

function unigramTokenizer(model: SentencePieceModel, config: JsonObject): JsonObject {
  const normalizers: JsonValue[] = [];
  if (model.charsmap.length > 0) normalizers.push({ type: "Precompiled", precompiled_charsmap: encodeBase64(model.charsmap) });
  if (model.removeExtraWhitespaces) {
    normalizers.push({ type: "Strip", strip_left: false, strip_right: true });
    normalizers.push({ type: "Replace", pattern: { Regex: " {2,}" }, content: "▁" });
  }
  const scheme = metaspace(model.addDummyPrefix && config["add_prefix_space"] !== false ? "always" : "never", true);
  return wholeTokenizer({
    addedTokens: addedTokens(model),
    normalizer: normalizers.length === 0 ? null : { type: "Sequence", normalizers },
    preTokenizer: scheme,
    postProcessor: around(model, config, false, true),
    decoder: scheme,
    model: {
      type: "Unigram",
      unk_id: model.unknownId,
      vocab: model.pieces.map((piece, id) => [piece, model.scores[id] ?? 0]),
      byte_fallback: model.byteFallback,
    },
  });
}

/** Control pieces are special tokens; pieces of the user's are found in text before anything else. */
function addedTokens(model: SentencePieceModel): JsonObject[] {
  return model.pieces.flatMap((piece, id) => {
    const kind = model.kinds[id];
    if (kind === "userDefined") return [addedToken(id, piece, false)];
    return kind === "control" || kind === "unknown" ? [addedToken(id, piece, true)] : [];
  });
}

function around(model: SentencePieceModel, config: JsonObject, bosByDefault: boolean, eosByDefault: boolean): JsonValue {
  const special = (id: number, wanted: JsonValue | undefined, byDefault: boolean): SpecialId | undefined => {
    const content = model.pieces[id];
    const use = typeof wanted === "boolean" ? wanted : byDefault;
    return use && content !== undefined ? { id, content } : undefined;
  };
  return templateProcessing(special(model.bosId, config["add_bos_token"], bosByDefault), special(model.eosId, config["add_eos_token"], eosByDefault));
}
