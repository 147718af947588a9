import { WeightsError } from "../errors";

export type WeightsFormat = "safetensors" | "torch" | "gguf";

/** A set of files that together are one model. */
export interface Layout {
  readonly format: WeightsFormat;
  /** All of them where the model has several; some may be missing. With an index, none: it names them. */
  readonly files: readonly string[];
  /** The file that says which tensor is in which file. */
  readonly index: string | undefined;
  /** Whether the name says that it is a model. Any other file may be something else, whose errors mean nothing. */
  readonly certain: boolean;
}

/** `model-00002-of-00005.safetensors` and the like. */
const SHARD = /^(.*?)-?(\d{5})-of-(\d{5})\.(safetensors|bin|gguf)$/;

/** Files that are no model, though their names end as a model's does. */
const NO_MODEL = /^(?:adapter_model|optimizer|scheduler|training_args|rng_state|random_states|scaler|openvino_|mmproj|sentencepiece|tokenizer|spiece)/i;

/**
 * The models that a folder's files can be, in the order in which to try them: safetensors before torch, as transformers
 * does, and GGUF last, because it is converted; of one format a single file before an index before parts without one.
 */
export function layoutsOf(names: readonly string[]): readonly Layout[] {
  const models = [...names].sort().filter((name) => !NO_MODEL.test(name));
  return [
    ...layoutsOfFormat("safetensors", models, "model.safetensors", /\.safetensors$/),
    ...layoutsOfFormat("torch", models, "pytorch_model.bin", /\.(?:bin|pt|pth)$/),
    ...layoutsOfFormat("gguf", models, "", /\.gguf$/),
  ];
}

function layoutsOfFormat(format: WeightsFormat, names: readonly string[], usual: string, ending: RegExp): readonly Layout[] {
  const single = (name: string, certain: boolean): Layout => ({ format, files: [name], index: undefined, certain });
  const own = names.filter((name) => ending.test(name));
  const index = (name: string): Layout => ({ format, files: [], index: name, certain: true });
  const indices = names.filter((name) => name.endsWith(".index.json") && ending.test(name.slice(0, -".index.json".length)));
  const rest = own.filter((name) => name !== usual && !SHARD.test(name) && !isModelParallel(name, own));
  return [
    ...own.filter((name) => name === usual).map((name) => single(name, true)),
    // The usual index first.
    ...[...indices].sort((a, b) => Number(b === `${usual}.index.json`) - Number(a === `${usual}.index.json`)).map(index),
    ...shardSets(own).map((files) => ({ format, files, index: undefined, certain: true })),
    ...rest.map((name) => single(name, false)),
  ];
}

/** The parts of models in several files: each with all its parts, those that are missing too. */
function shardSets(names: readonly string[]): readonly (readonly string[])[] {
  const sets = new Map<string, readonly string[]>();
  for (const name of names) {
    const match = SHARD.exec(name);
    if (match === null) continue;
    const [, , number = "", count = "", ending = ""] = match;
    const stem = name.slice(0, -`${number}-of-${count}.${ending}`.length);
    const key = `${stem}/${count}.${ending}`;
    if (!sets.has(key)) sets.set(key, Array.from({ length: Number(count) }, (_, i) => `${stem}${String(i + 1).padStart(5, "0")}-of-${count}.${ending}`));
  }
  return [...sets.values()];
}

/** Whether a file is one of several that hold a slice of every tensor each: `consolidated.00.pth` and so on. */
function isModelParallel(name: string, names: readonly string[]): boolean {
  const match = /^(.*)\.(\d{2})\.pth$/.exec(name);
  return match !== null && names.filter((other) => other.startsWith(`${match[1] ?? ""}.`) && /\.\d{2}\.pth$/.test(other)).length > 1;
}

const SAVE_AGAIN = "Load it with transformers and save it with save_pretrained, which writes safetensors.";

/** Formats that are not read: which files tell, what they are, and what to do. */
const OTHERS: readonly (readonly [pattern: RegExp, what: string, advice: string])[] = [
  [/^adapter_(?:config\.json|model\.)/, "a LoRA adapter", "It has no embedding rows of its own: give the folder of the model that adapter_config.json names as base_model_name_or_path."],
  [/\.\d{2}\.pth$/, "weights that were split among several GPUs by columns", "Use the model's converted files, as Hugging Face has them."],
  [/\.onnx$/, "ONNX", "Its embedding matrices have no fixed names and may be merged or transposed: use the model that it was exported from."],
  [/\.distcp$|^__\d+_\d+\./, "a distributed checkpoint", "Merge it first, with 'accelerate merge-weights' or the trainer's own script."],
  [/\.(?:h5|ckpt\.index|ckpt-\d+\.index|tflite)$/, "TensorFlow", SAVE_AGAIN],
  [/\.msgpack$/, "Flax", SAVE_AGAIN],
  [/^openvino_/, "OpenVINO", "Use the model that it was converted from."],
  [/\.(?:mlmodel|mlpackage|mlmodelc)$/, "Core ML", "Use the model that it was converted from."],
  [/\.npz$/, "NumPy arrays, as early MLX conversions have", "Use the model that it was converted from, or convert it again with a current mlx-lm."],
  [/\.nemo$/, "NeMo", "Convert it for Hugging Face with NeMo's script."],
  [/\.ot$/, "rust-bert", SAVE_AGAIN],
];

/** An error that says why nothing in a folder can be read. */
export function nothingToRead(folder: string, names: readonly string[]): WeightsError {
  for (const [pattern, what, advice] of OTHERS) {
    const file = names.find((name) => pattern.test(name));
    if (file !== undefined) return new WeightsError("weights-unsupported", `${folder} holds ${what} (${file}), which is not read. ${advice}`, { file });
  }
  return new WeightsError("weights-missing", `${folder} holds no weights: there is no model.safetensors, no pytorch_model.bin, no GGUF file, and no index of several.`);
}
