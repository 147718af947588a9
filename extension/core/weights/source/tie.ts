import type { JsonObject } from "../../dataset/conversation";
import { isObject, member } from "../../dataset/values";
import type { RowMatrix } from "../matrix";
import { readBytes } from "../openedFile";

/** Parts of a model's config that can say whether its matrices are tied. */
const TEXT_CONFIGS = ["text_config", "llm_config", "language_config"];

/**
 * Models whose class ties the matrices when config.json does not say. Source: the defaults of `tie_word_embeddings` of the
 * configurations of transformers 5.18, of models that generate text.
 */
const TIED_BY_DEFAULT = new Set([
  ...["aya_vision", "bart", "bigbird_pegasus", "biogpt", "blenderbot", "blenderbot-small", "bloom", "cohere", "cohere2", "cohere2_moe", "cohere2_vision", "cpmant", "ctrl"],
  ...["deepseek_vl", "deepseek_vl_hybrid", "ernie4_5", "ernie4_5_moe", "ernie4_5_vl_moe", "falcon", "falcon_mamba", "florence2", "gemma", "gemma2", "gemma3", "gemma3_text"],
  ...["gemma3n", "gemma3n_text", "gemma4", "gemma4_text", "glmasr", "got_ocr2", "gpt2", "gpt_bigcode", "gpt_neo", "gpt_neox_japanese", "granite_speech", "granite_swa"],
  ...["hunyuan_vl", "internvl", "janus", "jetmoe", "kimi_k25", "kosmos-2", "kosmos-2.5", "led", "lfm2", "lfm2_moe", "lfm2_vl", "lighton_ocr", "longt5", "m2m_100", "mamba"],
  ...["marian", "mbart", "minicpm3", "mistral3", "modernbert-decoder", "moonshine", "mpt", "mvp", "nllb-moe", "openai-gpt", "opt", "ovis2", "paddleocr_vl", "paligemma"],
  ...["pegasus", "pegasus_x", "plbart", "prophetnet", "qwen3_asr", "recurrent_gemma", "smollm3", "starcoder2", "switch_transformers", "t5gemma", "t5gemma2", "vaultgemma"],
  ...["voxtral_realtime", "whisper", "xglm", "xlm", "xlnet", "youtu", "zamba", "zamba2", "zaya"],
]);

/** Models that are tied whatever config.json says: there the flag only tells of a scale. */
const ALWAYS_TIED = new Set(["t5", "mt5", "umt5"]);

/**
 * Whether a model asks for its two matrices to be one: `tie_word_embeddings` at the top of config.json or of its text part,
 * else what the model's class does. True in either place counts, as transformers forwards it from the text part.
 */
export function asksForTie(config: JsonObject): boolean {
  const type = member(config, "model_type");
  if (typeof type === "string" && ALWAYS_TIED.has(type)) return true;
  const parts = [config, ...TEXT_CONFIGS.map((name) => member(config, name)).filter(isObject)];
  const flags = parts.map((part) => member(part, "tie_word_embeddings")).filter((flag) => typeof flag === "boolean");
  if (flags.length > 0) return flags.includes(true);
  return typeof type === "string" && TIED_BY_DEFAULT.has(type);
}

/** How many stretches of two matrices are compared, and how many bytes each has. */
const SAMPLES = 4;
const SAMPLE_BYTES = 256 * 1024;
/** Over a network. */
const REMOTE_SAMPLE_BYTES = 4 * 1024;

/**
 * Whether a file's two matrices are the same. transformers 5 ties matrices that are both there only then, and compares all of
 * them; here stretches at the start, at the end and between are, because the matrices may have gigabytes, and a model's two
 * matrices differ everywhere or nowhere, but for rows that were added at the end.
 */
export async function sameMatrix(a: RowMatrix, b: RowMatrix): Promise<boolean> {
  if (a.access === b.access && a.byteOffset === b.byteOffset) return true;
  if (a.dtype !== b.dtype || a.rows !== b.rows || a.columns !== b.columns) return false;
  const size = a.rows * a.rowBytes;
  const length = Math.min(size, a.access.remote === true || b.access.remote === true ? REMOTE_SAMPLE_BYTES : SAMPLE_BYTES);
  for (let i = 0; i < SAMPLES; i++) {
    const offset = Math.floor(((size - length) * i) / (SAMPLES - 1));
    const [left, right] = await Promise.all([a, b].map((matrix) => readBytes({ name: matrix.file, access: matrix.access }, matrix.byteOffset + offset, length)));
    if (left === undefined || right === undefined || !sameBytes(left, right)) return false;
    if (length === size) return true;
  }
  return true;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
