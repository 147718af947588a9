import { createHash } from "node:crypto";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { VerdictTable } from "../../core/analysis/tokenVerdicts";
import type { RowMeasure } from "../../core/weights/statistics/rowStatistics";
import type { TokenVerdict } from "../../core/weights/verdict/explainToken";
import { cacheFolder } from "../cache/cacheFolder";
import { pruneCache, readTables, writeTables } from "../cache/tableFile";

/** A change of the rules, of their words or of the table's form gets a new name. */
const FOLDER = "verdicts-v2";
/** A table has about a megabyte. */
const MAX_CACHE_BYTES = 64 * 1024 * 1024;

/** The files that verdicts are made of: weights and their indices, the tokenizer, and what says how they belong together. */
const SOURCES = /\.(?:safetensors|bin|pt|pth|gguf|json|model)$/i;

type Meta = Omit<VerdictTable, "kinds">;

/**
 * Names the state of a model on disk: as long as its files stay the same, so do the verdicts on it. Undefined where the model is
 * not on disk. @param model a folder or a file.
 */
export async function verdictKey(model: string): Promise<string | undefined> {
  try {
    const isFolder = (await stat(model)).isDirectory();
    const folder = isFolder ? model : dirname(model);
    const names = (await readdir(folder)).filter((name) => SOURCES.test(name)).sort();
    const hash = createHash("sha256").update(isFolder ? "" : basename(model));
    for (const name of names) {
      const { size, mtimeNs, ino, dev } = await stat(join(folder, name), { bigint: true });
      hash.update(`\n${name} ${size} ${mtimeNs} ${ino} ${dev}`);
    }
    return hash.digest("hex");
  } catch {
    return undefined;
  }
}

/** The table that was kept under a key; undefined where there is none. */
export async function readVerdicts(key: string): Promise<VerdictTable | undefined> {
  const found = await readTables(pathOf(key));
  const kinds = found?.tables["kinds"];
  if (found === undefined || !(kinds instanceof Uint8Array)) return undefined;
  const meta = found.meta as Meta;
  return { ...meta, kinds, verdicts: meta.verdicts.map(withNumbers) };
}

/** JSON has no numbers that are not finite: they come back as null. */
function withNumbers(verdict: TokenVerdict): TokenVerdict {
  const measure = (row: RowMeasure | undefined): RowMeasure | undefined =>
    row === undefined ? undefined : { ...row, max: numberOf(row.max), maxAbs: numberOf(row.maxAbs), l2: numberOf(row.l2) };
  const { indicator } = verdict;
  return { ...verdict, input: measure(verdict.input), output: measure(verdict.output), indicator: indicator === undefined ? undefined : numberOf(indicator) };
}

function numberOf(value: number | null): number {
  return value ?? Number.NaN;
}

/** Keeps a table. A cache that cannot be written only costs time, so this does not fail. */
export async function writeVerdicts(key: string, { kinds, ...meta }: VerdictTable): Promise<void> {
  try {
    await writeTables(pathOf(key), { meta, tables: { kinds } });
    await pruneCache(join(cacheFolder(), FOLDER), MAX_CACHE_BYTES);
  } catch {
    // Made again next time.
  }
}

function pathOf(key: string): string {
  return join(cacheFolder(), FOLDER, `${key}.tables`);
}
