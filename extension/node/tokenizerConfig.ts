import { stat } from "node:fs/promises";
import * as path from "node:path";
import type { JsonObject, JsonValue } from "../core/dataset/conversation";
import { decodeUtf8 } from "../core/jsonl/utf8";
import { readWhole } from "./files";

/** A larger tokenizer_config.json is none: those with tens of thousands of added tokens have 10 MB. */
const MAX_SIZE = 64 * 1024 * 1024;

interface Kept {
  readonly version: string;
  readonly config: JsonObject;
}

const kept = new Map<string, Kept>();

/** The tokenizer_config.json of a folder, read again when it has changed; undefined where there is none that can be read. */
export async function readTokenizerConfig(folder: string): Promise<JsonObject | undefined> {
  const file = path.join(folder, "tokenizer_config.json");
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_SIZE) return undefined;
  const version = `${found.size} ${found.mtimeMs}`;
  const known = kept.get(file);
  if (known?.version === version) return known.config;
  try {
    const bytes = await readWhole(file);
    const value = bytes === undefined ? null : (JSON.parse(decodeUtf8(bytes).text) as JsonValue);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
    kept.set(file, { version, config: value as JsonObject });
    return value as JsonObject;
  } catch {
    // What is wrong with the file is not the template's matter.
    return undefined;
  }
}
