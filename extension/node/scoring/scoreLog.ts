import { createHash } from "node:crypto";
import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import * as path from "node:path";
import type { RowScore } from "./scoreRows";

/** What scores are of. Scores of another version of the file or of another model are no use. */
export interface ScoredFile {
  readonly path: string;
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  readonly model: string;
}

/** The scores of a file's rows, kept on disk as they come, so that a run that was interrupted goes on where it was. */
export class ScoreLog {
  readonly #path: string;
  readonly #scores = new Map<number, RowScore>();

  private constructor(file: string) {
    this.#path = file;
  }

  /** Opens the log of a file in `folder`, which is made. */
  static async open(folder: string, { path: of, size, modified, model }: ScoredFile): Promise<ScoreLog> {
    await mkdir(folder, { recursive: true });
    const name = createHash("sha256").update(JSON.stringify([1, of, size, modified, model])).digest("hex").slice(0, 32);
    const log = new ScoreLog(path.join(folder, `${name}.jsonl`));
    await log.#read();
    return log;
  }

  get scores(): readonly RowScore[] {
    return [...this.#scores.values()].sort((a, b) => a.row - b.row);
  }

  /** How many rows have a score. */
  get size(): number {
    return this.#scores.size;
  }

  has(row: number): boolean {
    return this.#scores.has(row);
  }

  async add(score: RowScore): Promise<void> {
    this.#scores.set(score.row, score);
    await appendFile(this.#path, `${JSON.stringify(score, numbers)}\n`);
  }

  /** Forgets everything, on disk too. */
  async clear(): Promise<void> {
    this.#scores.clear();
    await rm(this.#path, { force: true });
  }

  async #read(): Promise<void> {
    const text = await readFile(this.#path, "utf8").catch(() => "");
    if (text !== "" && !text.endsWith("\n")) await appendFile(this.#path, "\n");
    for (const line of text.split("\n")) {
      try {
        const score = JSON.parse(line, revived) as RowScore;
        this.#scores.set(score.row, score);
      } catch {
        // The last line of a run that was killed; its row is scored again.
      }
    }
  }
}

/** JSON has no NaN and no infinity, which scores do have. */
function numbers(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? { number: String(value) } : value;
}

function revived(_key: string, value: unknown): unknown {
  return typeof value === "object" && value !== null && "number" in value ? Number(value.number) : value;
}
