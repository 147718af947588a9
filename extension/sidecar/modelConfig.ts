import { join } from "node:path";
import { readWhole } from "../node/files";

/** What a model folder's configuration says about generation. */
export interface ModelConfig {
  readonly stopIds: readonly number[];
  readonly contextLength: number | undefined;
  readonly vocabularySize: number | undefined;
}

/** Reads config.json, generation_config.json and genai_config.json, as far as they are there. A broken one says nothing. */
export async function readModelConfig(folder: string): Promise<ModelConfig> {
  const config = await readObject(folder, "config.json");
  const generation = await readObject(folder, "generation_config.json");
  const genAi = objectOf((await readObject(folder, "genai_config.json"))["model"]);
  const text = objectOf(config["text_config"]);
  const first = (name: string): unknown => config[name] ?? text[name];
  return {
    stopIds: [generation["eos_token_id"], genAi["eos_token_id"], first("eos_token_id")].map(idsOf).find((ids) => ids.length > 0) ?? [],
    contextLength: positive(first("max_position_embeddings")) ?? positive(genAi["context_length"]),
    vocabularySize: positive(first("vocab_size")) ?? positive(genAi["vocab_size"]),
  };
}

type Fields = Readonly<Record<string, unknown>>;

async function readObject(folder: string, file: string): Promise<Fields> {
  const bytes = await readWhole(join(folder, file));
  if (bytes === undefined) return {};
  try {
    return objectOf(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function idsOf(value: unknown): readonly number[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((id): id is number => typeof id === "number" && Number.isInteger(id) && id >= 0);
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined;
}
