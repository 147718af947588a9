import { readdirSync, readFileSync } from "node:fs";
import * as path from "node:path";
import { root } from "../paths";

const EMBEDDED = path.join(root, "extension", "assets", "model");
const INPUT = "model.embed_tokens.weight";

/** The files of the model that comes with the product, as a repository of the hub has them; the input row of `zeroed` is zero. */
export function tinyModel(zeroed: number): Readonly<Record<string, Uint8Array>> {
  const names = readdirSync(EMBEDDED).filter((name) => /^(?:config|tokenizer|tokenizer_config)\.json$|jinja$/.test(name));
  const weights = Buffer.from(readFileSync(path.join(EMBEDDED, "model.safetensors")));
  const data = 8 + Number(weights.readBigUInt64LE(0));
  const header = JSON.parse(weights.toString("utf8", 8, data)) as Readonly<Record<string, { readonly shape: readonly [number, number]; readonly data_offsets: readonly [number, number] }>>;
  const { shape, data_offsets: [from, to] } = header[INPUT]!;
  const rowBytes = (to - from) / shape[0];
  weights.fill(0, data + from + zeroed * rowBytes, data + from + (zeroed + 1) * rowBytes);
  return { ...Object.fromEntries(names.map((name) => [name, readFileSync(path.join(EMBEDDED, name))])), "model.safetensors": weights };
}

/** The id of a token of the model's vocabulary. */
export function tinyTokenId(token: string): number {
  const { model } = JSON.parse(readFileSync(path.join(EMBEDDED, "tokenizer.json"), "utf8")) as { readonly model: { readonly vocab: Readonly<Record<string, number>> } };
  return model.vocab[token]!;
}
