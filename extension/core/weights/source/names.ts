/** Names of the two matrices; without `output` the file has none. */
export interface MatrixNames {
  readonly input: string;
  readonly output: string | undefined;
}

/**
 * Where models keep the two matrices: modules without the `.weight` behind. For one input module the first output module
 * that is there counts. Sources: `_tied_weights_keys` and `get_input_embeddings` of the model classes of transformers 5.18,
 * the tensor name map of gguf-py 0.19, and the published checkpoints of Meta, Mistral, OpenAI and RWKV.
 */
const MODULES: readonly (readonly [input: string, ...outputs: string[]])[] = [
  // Llama, Qwen, Gemma, Mistral, Phi-3, OLMo, DeepSeek, GLM-4, Cohere and most others
  ["model.embed_tokens", "lm_head", "lm_head.linear"],
  // the text parts of models with images and sound
  ["model.language_model.embed_tokens", "lm_head", "model.language_model.lm_head"],
  ["model.text_model.embed_tokens", "lm_head"],
  // GPT-2, GPT-J, Qwen 1, MPT, DBRX, StarCoder, EXAONE 3; the files of GPT-2 leave out the first part
  ["transformer.wte", "lm_head"],
  ["wte", "lm_head"],
  ["transformer.embd.wte", "lm_head.linear"],
  ["transformer.tokens_embed", "lm_head"],
  // GPT-NeoX, Pythia
  ["gpt_neox.embed_in", "embed_out", "lm_head"],
  ["gpt_neox_japanese.embed_in", "embed_out"],
  // Falcon, BLOOM
  ["transformer.word_embeddings", "lm_head"],
  ["word_embeddings", "lm_head", "word_embeddings_for_head"],
  ["model.word_embeddings", "lm_head"],
  // Llama and Mistral as their makers publish them; InternLM 2
  ["tok_embeddings", "output"],
  ["model.tok_embeddings", "output"],
  // ChatGLM, Megatron
  ["transformer.embedding.word_embeddings", "transformer.output_layer"],
  ["embedding.word_embeddings", "output_layer"],
  // OLMo 1, LLaDA
  ["model.transformer.wte", "model.transformer.ff_out"],
  // OpenELM, Grok 1
  ["transformer.token_embeddings", "lm_head"],
  ["transformer.in_out_embed", "lm_head"],
  // Mamba, Nemotron-H, RWKV
  ["backbone.embeddings", "lm_head"],
  ["backbone.embedding", "lm_head"],
  ["rwkv.embeddings", "head"],
  ["model.embeddings", "lm_head"],
  ["emb", "head"],
  // T5, BART and their kin: one matrix for both sides
  ["shared", "lm_head"],
  ["model.shared", "lm_head"],
  // OPT, Whisper
  ["model.decoder.embed_tokens", "lm_head", "proj_out", "lm_head.out_proj", "output_projection"],
  ["decoder.embed_tokens", "lm_head"],
  ["model.embeddings.tok_embeddings", "decoder"],
  // a model saved without its head
  ["embed_tokens", "lm_head"],
];

/**
 * What stands before all names where a model is a part of another, or was saved inside of a wrapper: images and sound
 * (language_model, language, llm, text_model, thinker), PEFT, torch.compile, data-parallel training.
 */
const PREFIXES = ["", "language_model.", "language.", "llm.", "text_model.", "thinker.", "model.", "model.language_model.", "base_model.model.", "_orig_mod.", "module."];

/** What a tensor of a quantised module is called instead of `weight`, by the tool. */
const QUANTISED = [
  [".qweight", "GPTQ or AWQ"],
  [".weight_packed", "compressed-tensors"],
  [".W_q", "HQQ"],
] as const;

/** A matrix that somebody saved by itself; only looked for where nothing else is there. */
const ALONE = ["embedding.weight", "embeddings.weight", "embedding", "embeddings"];

/** The names of the two matrices among those that `has` knows, or undefined. */
export function findMatrices(has: (name: string) => boolean): MatrixNames | undefined {
  for (const [input, outputs] of candidates()) {
    if (!has(`${input}.weight`)) continue;
    const output = outputs.find((name) => has(`${name}.weight`));
    return { input: `${input}.weight`, output: output === undefined ? undefined : `${output}.weight` };
  }
  const alone = ALONE.find(has);
  return alone === undefined ? undefined : { input: alone, output: undefined };
}

/** A module of embeddings that is there in quantised form only, and what did it; undefined where there is none. */
export function findQuantised(has: (name: string) => boolean, only?: string): { readonly tensor: string; readonly by: string } | undefined {
  const modules = only === undefined ? [...candidates()].map(([input]) => input) : outputsOf(only);
  for (const module of modules) {
    for (const [ending, by] of QUANTISED) if (has(module + ending)) return { tensor: module + ending, by };
  }
  return undefined;
}

/** The modules that can be the output of this input matrix. */
function outputsOf(input: string): readonly string[] {
  const module = input.slice(0, -".weight".length);
  for (const [name, outputs] of candidates()) if (name === module) return outputs;
  return [];
}

function* candidates(): IterableIterator<readonly [input: string, outputs: readonly string[]]> {
  for (const prefix of PREFIXES) {
    for (const [input, ...outputs] of MODULES) yield [prefix + input, outputs.map((name) => prefix + name)];
  }
}
