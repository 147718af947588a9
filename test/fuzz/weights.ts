import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import type { RandomAccess } from "../../extension/core/io/ports";
import { openEmbeddings } from "../../extension/core/weights/embeddings";
import { WeightsError } from "../../extension/core/weights/errors";
import { readGgufHeader } from "../../extension/core/weights/gguf/header";
import type { RowMatrix } from "../../extension/core/weights/matrix";
import { memoryFile } from "../support/memoryFile";
import { Random } from "../support/random";
import { decodeValues } from "../support/weights/tensor";
import { bitsOf } from "../support/weights/values";
import type { FuzzOptions } from "./fuzz";
import { CORPUS, type WeightsCase } from "./weightsCorpus";
import { expectMatrix } from "./weightsOracle";
import { mutateBytes } from "./weightsMutate";

/** A case must end within this time of a processor, whatever else the machine does; the files have some ten thousand bytes. */
const MAX_MILLISECONDS = 2000;

/** What a case may ask of {@link RandomAccess.allocate}, all in all. A header is read in pieces of a megabyte, whatever the file's size. */
const MAX_ALLOCATED = 64 * 1024 * 1024;

/** Of the whole process, after a collection where there is one. */
const MAX_RESIDENT = 1.5e9;

const MAX_ROWS_READ = 64;

/**
 * Changes valid files of weights at random, and holds that reading one gives a typed error, or what an independent reader
 * gives, in bounded time and memory. Returns the number of kinds of failure. The files that failed are in out/fuzz/.
 */
export async function fuzz({ minutes, seed, cases }: FuzzOptions): Promise<number> {
  const end = Date.now() + minutes * 60_000;
  const outcomes = new Map<string, number>();
  const failures = new Map<string, number>();
  let nextReport = Date.now() + 60_000;
  let done = 0;
  const line = (): string => `${done} cases; ${[...outcomes].sort((a, b) => b[1] - a[1]).map(([kind, count]) => `${kind} ${count}`).join(", ")}; ${failures.size} kinds of failure`;
  for (; Date.now() < end && (cases === undefined || done < cases); done++) {
    const test = makeCase(seed, done);
    const { outcome, failure } = await run(test);
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (failure !== undefined) report(test, failure, failures, `${seed}/${done}`);
    if (Date.now() < nextReport) continue;
    nextReport = Date.now() + 60_000;
    console.log(line());
  }
  console.log(line());
  return failures.size;
}

/** The case of this number: the same seed makes the same cases. */
function makeCase(seed: number, index: number): WeightsCase {
  const random = new Random((seed ^ Math.imul(index + 1, 0x9e3779b1)) >>> 0);
  const original = random.pick(CORPUS);
  return { ...original, bytes: mutateBytes(original, CORPUS, random) };
}

interface Result {
  readonly outcome: string;
  readonly failure?: string;
}

async function run(test: WeightsCase): Promise<Result> {
  const started = process.cpuUsage();
  const watched = watch(test.bytes);
  const result = await attempt(test, watched.access).catch((error: unknown) => judge(error, test));
  const took = process.cpuUsage(started).user / 1000;
  if (result.failure !== undefined) return result;
  if (took > MAX_MILLISECONDS) return { ...result, failure: `slow: ${Math.round(took / 1000)} s` };
  if (watched.allocated() > MAX_ALLOCATED) return { ...result, failure: "asks for much memory" };
  if (watched.opened() !== 0) return { ...result, failure: "leaves the file open" };
  if (process.memoryUsage().rss > MAX_RESIDENT) return { ...result, failure: "the process has grown" };
  return result;
}

async function attempt(test: WeightsCase, open: () => RandomAccess): Promise<Result> {
  if (test.format === "gguf") await readVocabulary(test, open());
  const source = { name: "fuzz", list: () => Promise.resolve([test.file]), open: () => Promise.resolve(open()) };
  const { input, output, tied, close } = await openEmbeddings(source, { tie_word_embeddings: test.tie });
  try {
    for (const matrix of new Set([input, output])) {
      await checkRows(matrix, test.bytes);
      const difference = await expectMatrix(test, matrix);
      if (difference !== undefined) return { outcome: "wrong", failure: difference };
    }
    if (tied !== (input === output)) return { outcome: "wrong", failure: "tied, but not one matrix" };
    return { outcome: "read" };
  } finally {
    await close();
  }
}

/** The whole header, with every text of it. */
async function readVocabulary({ file }: WeightsCase, access: RandomAccess): Promise<void> {
  try {
    const { metadata } = await readGgufHeader({ name: file, access });
    for (const entry of metadata.values()) if (entry.type === "array" && entry.of === "string") for (const text of entry.value) if (typeof text !== "string") throw new Error("a text is none");
  } finally {
    await access.close();
  }
}

async function checkRows(matrix: RowMatrix, bytes: Uint8Array): Promise<void> {
  const { rows, columns, rowBytes, byteOffset, dtype } = matrix;
  if (byteOffset < 0 || byteOffset + rows * rowBytes > bytes.length) throw new Error("rows outside of the file");
  const count = Math.min(rows, MAX_ROWS_READ);
  const raw = bytes.slice(byteOffset, byteOffset + count * rowBytes);
  const out = new Float32Array(count * columns);
  matrix.decode(raw, count, out);
  // The formulas know little-endian values only.
  const bigEndian = new DataView(bytes.buffer, bytes.byteOffset).getUint16(4, true) === 0 || !(await isLittleEndian(matrix));
  if (bigEndian) return;
  const expected = bitsOf(decodeValues(dtype, raw));
  if (!bitsOf(out).every((bits, i) => bits === expected[i])) throw new Error(`${dtype} is decoded as something else`);
}

/** Whether a 1 is decoded as one in the files' usual order. */
function isLittleEndian(matrix: RowMatrix): Promise<boolean> {
  const out = new Float32Array(matrix.columns);
  const one = new Uint8Array(matrix.rowBytes);
  one[matrix.rowBytes / matrix.columns - 1] = 0x3f;
  matrix.decode(one, 1, out);
  return Promise.resolve(matrix.rowBytes / matrix.columns < 2 || Math.abs(out[0] ?? 0) > 0.4);
}

function judge(error: unknown, test: WeightsCase): Result {
  if (!(error instanceof WeightsError)) {
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { outcome: "crash", failure: `${test.format}: ${text}` };
  }
  const { code, message, byteOffset } = error;
  if (message.length > 1000) return { outcome: code, failure: `${test.format}: a message of ${message.length} characters` };
  if (byteOffset !== undefined && !(byteOffset >= 0 && byteOffset <= test.bytes.length)) return { outcome: code, failure: `${test.format}: an offset outside of the file in: ${message}` };
  return { outcome: code };
}

function watch(bytes: Uint8Array): { readonly access: () => RandomAccess; allocated(): number; opened(): number } {
  let allocated = 0;
  let opened = 0;
  const access = (): RandomAccess => {
    opened++;
    const inner = memoryFile(bytes);
    return {
      ...inner,
      allocate: (size) => {
        allocated += size;
        return inner.allocate(size);
      },
      close: () => {
        opened--;
        return inner.close();
      },
    };
  };
  return { access, allocated: () => allocated, opened: () => opened };
}

function report(test: WeightsCase, failure: string, failures: Map<string, number>, place: string): void {
  const kind = failure.replaceAll(/\d+/g, "N");
  const count = failures.get(kind) ?? 0;
  failures.set(kind, count + 1);
  if (count >= 3) return;
  const folder = path.resolve("out/fuzz");
  mkdirSync(folder, { recursive: true });
  const name = `${createHash("sha256").update(test.bytes).digest("hex").slice(0, 12)}-${test.file}`;
  writeFileSync(path.join(folder, name), test.bytes);
  console.log(`case ${place}, out/fuzz/${name}: ${failure}`);
}
