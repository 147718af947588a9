import { readFileSync } from "node:fs";
import { Tokenizer as Library } from "@huggingface/tokenizers";
import { Tokenizer as Rust } from "tokenizers";
import type { JsonObject } from "../../extension/core/dataset/conversation";
import { compileTokenizer } from "../../extension/core/tokenizer/compile";
import { createTokenizer } from "../../extension/core/tokenizer/create";
import { selfCheckProblem } from "../../extension/core/tokenizer/selfCheck";
import type { Tokenizer } from "../../extension/core/tokenizer/tokenizer";
import { Random } from "../support/random";
import { realTokenizerFile } from "../support/tokenizer/byteLevel";
import { hostileTexts, neverRepeating } from "../support/tokenizer/texts";

const MODELS = ["llama3_1", "qwen3", "deepseek_v3", "gptoss", "gpt4o", "gemma3", "llama2"];

/** Enough for the caches to be as full as in a long run; Rust needs two seconds for it. */
const MAX_MEGABYTES = 6;

/** The library is that much slower. */
const LIBRARY_SHARE = 0.1;

const BATCH = 64;

/**
 * Tokenizers on text in which nothing repeats: ours for ids, and with offsets, beside the Rust library (one thread, batches of 64) and
 * `@huggingface/tokenizers` in the same run, a batch of each in turn. Then hostile texts of a million characters, and loading.
 */
export async function bench({ megabytes }: { readonly megabytes: number }): Promise<void> {
  // The Rust library reads this at each batch.
  process.env["TOKENIZERS_PARALLELISM"] = "false";
  const texts = neverRepeating(Math.min(megabytes, MAX_MEGABYTES));
  const hostile = hostileTexts(1_000_000, new Random(1));
  for (const model of MODELS) {
    const json = JSON.parse(readFileSync(realTokenizerFile(model), "utf8")) as JsonObject;
    const compiled = compileTokenizer(json, (byteLength) => new SharedArrayBuffer(byteLength));
    if ("unsupported" in compiled) {
      console.log(`${model}: left out, because ${compiled.unsupported}.`);
      continue;
    }
    loading(model, json);
    const rust = Rust.fromFile(realTokenizerFile(model));
    await speed(model, texts, () => createTokenizer(compiled), rust, new Library(json, configOf(model)));
    await worstCase(model, hostile, createTokenizer(compiled), rust);
  }
}

function configOf(model: string): JsonObject {
  return JSON.parse(readFileSync(realTokenizerFile(model).replace(/tokenizer\.json$/, "tokenizer_config.json"), "utf8")) as JsonObject;
}

// ── loading ──────────────────────────────────────────────────────────────────────────────────────────────────────────────

function loading(model: string, json: JsonObject): void {
  const text = readFileSync(realTokenizerFile(model), "utf8");
  const parse = timed(() => JSON.parse(text) as unknown);
  let bytes = 0;
  const compile = timed(() => compileTokenizer(json, (byteLength) => new SharedArrayBuffer(((bytes += byteLength), byteLength))));
  const compiled = compileTokenizer(json, (byteLength) => new SharedArrayBuffer(byteLength));
  if ("unsupported" in compiled) return;
  const before = process.memoryUsage().arrayBuffers;
  const create = timed(() => createTokenizer(compiled));
  const own = process.memoryUsage().arrayBuffers - before;
  const tokenizer = createTokenizer(compiled);
  const check = timed(() => selfCheckProblem(tokenizer, json, configOf(model)));
  const rust = timed(() => Rust.fromFile(realTokenizerFile(model)));
  console.log(
    `${model} loads: JSON.parse ${ms(parse)}, tables ${ms(compile)}, self-check ${ms(check)}; from tables ${ms(create)}; Rust ${ms(rust)}; ` +
      `${(bytes / 1e6).toFixed(1)} MB shared, ${(own / 1e6).toFixed(1)} MB a thread`,
  );
}

// ── speed ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function speed(model: string, texts: readonly string[], create: () => Tokenizer, rust: Rust, library: Library): Promise<void> {
  const [forIds, forOffsets] = [create(), create()];
  const options = { specialTokens: true };
  const seconds = { ids: 0, offsets: 0, rustIds: 0, rustOffsets: 0, library: 0 };
  let libraryBytes = 0;
  const bytes = texts.map((text) => Buffer.byteLength(text));
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    seconds.ids += timed(() => batch.forEach((text) => forIds.encodeIds(text, options)));
    seconds.offsets += timed(() => batch.forEach((text) => forOffsets.encode(text, options)));
    seconds.rustIds += await timedAsync(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getLength()));
    seconds.rustOffsets += await timedAsync(async () => (await rust.encodeBatch(batch)).forEach((encoding) => encoding.getOffsets()));
    const some = batch.slice(0, Math.ceil(batch.length * LIBRARY_SHARE));
    seconds.library += timed(() => some.forEach((text) => library.encode(text)));
    libraryBytes += some.reduce((sum, _, i) => sum + (bytes[at + i] ?? 0), 0);
  }
  const total = bytes.reduce((sum, size) => sum + size, 0);
  const rate = (time: number, size = total): string => `${(size / 1e6 / time).toFixed(1)} MB/s`;
  const ratio = (one: number, other: number): string => `${(other / one).toFixed(1)} ×`;
  console.log(`${model} ids: ${rate(seconds.ids)}, ${ratio(seconds.ids, seconds.rustIds)} Rust's encodeBatch (${rate(seconds.rustIds)})`);
  console.log(`${model} ids and offsets: ${rate(seconds.offsets)}, ${ratio(seconds.offsets, seconds.rustOffsets)} Rust's encodeBatch and getOffsets (${rate(seconds.rustOffsets)})`);
  console.log(`${model} @huggingface/tokenizers: ${rate(seconds.library, libraryBytes)}`);
}

async function worstCase(model: string, hostile: Readonly<Record<string, string>>, tokenizer: Tokenizer, rust: Rust): Promise<void> {
  const rows: string[] = [];
  for (const [name, text] of Object.entries(hostile)) {
    const ours = timed(() => tokenizer.encode(text, { specialTokens: true }));
    const theirs = await timedAsync(async () => (await rust.encode(text)).getLength());
    rows.push(`${name} ${ours.toFixed(2)} s (Rust ${theirs.toFixed(2)} s)`);
  }
  console.log(`${model} a million characters: ${rows.join(", ")}`);
}

function timed(work: () => unknown): number {
  const started = performance.now();
  work();
  return (performance.now() - started) / 1000;
}

async function timedAsync(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}

function ms(seconds: number): string {
  return `${Math.round(seconds * 1000)} ms`;
}
