import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { EmbeddingMatrices, RowMatrix } from "../../core/weights/matrix";
import type { EmbeddingStatistics } from "../../core/weights/statistics/embeddingStatistics";
import type { RowStatistics } from "../../core/weights/statistics/rowStatistics";
import { pruneCache, readTables, type Table, type TableSet, writeTables } from "../cache/tableFile";

/** A change of what is measured, or how, gets a new name. */
const FOLDER = "rows-v1";
/** Some forty models; those that were not read for the longest go first. */
const MAX_CACHE_BYTES = 256 * 1024 * 1024;

interface Meta {
  readonly columns: number;
  readonly tied: boolean;
  readonly referenceNorm: number | null;
}

/**
 * Statistics of rows on disk, by the identity of the files that they were measured of: measuring reads gigabytes, they have a
 * few megabytes. A cache that cannot be read or written only costs another measurement, so nothing here fails.
 */
export class StatisticsCache {
  readonly #folder: string;

  /** @param root the folder of all caches. */
  constructor(root: string) {
    this.#folder = join(root, FOLDER);
  }

  /** Whether there are statistics of two matrices, for whatever reference rows. */
  async knows(matrices: EmbeddingMatrices): Promise<boolean> {
    const key = matricesKey(matrices);
    return key !== undefined && (await readdir(this.#folder).catch(() => [])).some((name) => name.startsWith(key));
  }

  async read(key: string): Promise<EmbeddingStatistics | undefined> {
    const found = await readTables(this.#path(key));
    if (found === undefined) return undefined;
    const { columns, tied, referenceNorm } = found.meta as Meta;
    const input = statisticsOf(found, "input");
    const output = tied ? input : statisticsOf(found, "output");
    return { columns, tied, input, output, repeatedOutput: groupsOf(found), referenceNorm: referenceNorm ?? undefined };
  }

  async write(key: string, { columns, tied, input, output, repeatedOutput, referenceNorm }: EmbeddingStatistics): Promise<void> {
    const meta: Meta = { columns, tied, referenceNorm: referenceNorm ?? null };
    const tables = { ...tablesOf(input, "input"), ...(tied ? {} : tablesOf(output, "output")), ...groupTables(repeatedOutput) };
    await this.#write(key, { meta, tables });
  }

  /** What an interrupted scan had measured of a matrix: rows from 0 on. */
  async readPart(key: string): Promise<RowStatistics | undefined> {
    const found = await readTables(this.#path(key));
    return found === undefined ? undefined : statisticsOf(found, "part");
  }

  async writePart(key: string, part: RowStatistics): Promise<void> {
    await this.#write(key, { meta: null, tables: tablesOf(part, "part") });
  }

  async #write(key: string, tables: TableSet): Promise<void> {
    try {
      await writeTables(this.#path(key), tables);
      await pruneCache(this.#folder, MAX_CACHE_BYTES);
    } catch {
      // A full or read-only disk: the rows are measured again the next time.
    }
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.table`);
  }
}

/** The key of the statistics of two matrices; undefined where nothing tells whether their files are still the same. */
export function statisticsKey(matrices: EmbeddingMatrices, referenceIds: readonly number[]): string | undefined {
  const key = matricesKey(matrices);
  return key === undefined ? undefined : `${key}-${hashOf(referenceIds)}`;
}

function matricesKey({ input, output, tied }: EmbeddingMatrices): string | undefined {
  const [inputKey, outputKey] = [matrixKey(input), tied ? "" : matrixKey(output)];
  return inputKey === undefined || outputKey === undefined ? undefined : hashOf([inputKey, outputKey]);
}

/** The key of what was measured of one matrix with a direction. */
export function partKey(matrix: RowMatrix, direction: Float32Array | undefined): string | undefined {
  const key = matrixKey(matrix);
  return key === undefined ? undefined : hashOf(["part", key, direction === undefined ? "" : createHash("sha256").update(direction).digest("hex")]);
}

function matrixKey({ access, tensor, dtype, rows, columns, byteOffset, bigEndian }: RowMatrix): string | undefined {
  return access.identity === undefined ? undefined : JSON.stringify([access.identity, tensor, dtype, rows, columns, byteOffset, bigEndian]);
}

function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 32);
}

const FIELDS = ["max", "maxAbs", "l2", "nonFinite", "atMostEps", "dot"] as const;

function tablesOf(statistics: RowStatistics, name: string): Record<string, Table> {
  return Object.fromEntries(FIELDS.map((field) => [`${name}.${field}`, statistics[field]]));
}

/** The file's hash was right, so it holds what {@link tablesOf} wrote. */
function statisticsOf({ tables }: TableSet, name: string): RowStatistics {
  return { first: 0, ...Object.fromEntries(FIELDS.map((field) => [field, tables[`${name}.${field}`]])) } as unknown as RowStatistics;
}

function groupTables(groups: readonly (readonly number[])[]): Record<string, Table> {
  return { "groups.ids": Uint32Array.from(groups.flat()), "groups.sizes": Uint32Array.from(groups, (group) => group.length) };
}

function groupsOf({ tables }: TableSet): readonly (readonly number[])[] {
  const ids = tables["groups.ids"] ?? [];
  let at = 0;
  return Array.from(tables["groups.sizes"] ?? [], (size) => Array.from(ids.slice(at, (at += size))));
}
