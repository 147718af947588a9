import { extname } from "node:path";
import { type CancelSignal, throwIfCancelled } from "../base/cancellation";
import { messageOf } from "../base/errors";
import type { SliceReport } from "../core/analysis/checkSlice";
import { sniffFormat } from "../core/analysis/sniffFormat";
import type { FormatId } from "../core/dataset/conversation";
import type { FieldMapping } from "../core/dataset/fields";
import type { RandomAccess } from "../core/io/ports";
import type { ByteRange, FileShape } from "../core/jsonl/rows";
import { sniffFile } from "../core/jsonl/shape";
import { BUILTIN } from "../core/rules/builtin";
import { openFile } from "./files";
import { CheckedFile, type OrderedResults } from "./orderedResults";

/** A slice of a file, to be checked by one thread. */
export interface SliceJob {
  /** Counts the slices of the whole run, in order. */
  readonly index: number;
  readonly path: string;
  readonly shape: FileShape;
  readonly range: ByteRange | undefined;
  readonly expectedFormat: FormatId | undefined;
}

/** Bytes of a slice: enough work to hide the hand-over, little enough to spread one file over the threads. */
const SLICE_BYTES = 8 * 1024 * 1024;
/** With a model a thread takes about a second for a megabyte. */
const SLICE_BYTES_WITH_MODEL = 512 * 1024;

/** Files of these kinds are lines of plain text. */
const PLAIN_TEXT = new Set([".txt"]);
/** Tables that people keep datasets in, and that are no JSON. */
const TABLES = new Set([".csv", ".tsv"]);

/** Opens the files one by one and cuts them into slices as threads ask for work. */
export class SliceQueue {
  readonly #results: OrderedResults;
  readonly #fields: FieldMapping;
  readonly #sliceBytes: number;
  readonly #signal: CancelSignal | undefined;
  readonly #jobs: AsyncGenerator<SliceJob, void, void>;
  /** Bytes done of the slices that run. */
  readonly #running = new Map<number, number>();
  #finishedBytes = 0;
  #knownBytes = 0;

  constructor(files: readonly string[], fields: FieldMapping, withModel: boolean, results: OrderedResults, signal: CancelSignal | undefined) {
    this.#results = results;
    this.#fields = fields;
    this.#sliceBytes = withModel ? SLICE_BYTES_WITH_MODEL : SLICE_BYTES;
    this.#signal = signal;
    this.#jobs = this.#cut(files);
  }

  /** The next slice, or undefined when all are handed out. Calls may overlap: the generator answers them in order. */
  async next(): Promise<SliceJob | undefined> {
    throwIfCancelled(this.#signal);
    const next = await this.#jobs.next();
    return next.done === true ? undefined : next.value;
  }

  progress(job: SliceJob, bytesDone: number): void {
    this.#running.set(job.index, bytesDone);
    this.#report();
  }

  done(job: SliceJob, report: SliceReport): void {
    this.#finishedBytes += this.#running.get(job.index) ?? 0;
    this.#running.delete(job.index);
    this.#report();
    this.#results.finish(job.index, report);
  }

  #report(): void {
    let bytes = this.#finishedBytes;
    for (const running of this.#running.values()) bytes += running;
    this.#results.events.onProgress(bytes, Math.max(bytes, this.#knownBytes));
  }

  async *#cut(files: readonly string[]): AsyncGenerator<SliceJob, void, void> {
    let index = 0;
    for (const path of files) {
      throwIfCancelled(this.#signal);
      for (const part of await this.#plan(path, index)) {
        yield { ...part, path, index: index++ };
      }
    }
  }

  /** Looks at a file and says which slices it has; one that cannot be read has none, only a finding. */
  async #plan(path: string, firstIndex: number): Promise<readonly Omit<SliceJob, "path" | "index">[]> {
    const checked = new CheckedFile(path);
    let file: RandomAccess;
    try {
      file = await openFile(path);
    } catch (error) {
      checked.addFinding(BUILTIN.fileUnreadable, messageOf(error), 0);
      this.#results.add(checked, firstIndex, 0);
      return [];
    }
    try {
      checked.opened(file);
      this.#knownBytes += file.size;
      const slices = await this.#slices(path, file, checked);
      this.#results.add(checked, firstIndex, slices.length);
      return slices;
    } finally {
      await file.close();
    }
  }

  async #slices(path: string, file: RandomAccess, checked: CheckedFile): Promise<readonly Omit<SliceJob, "path" | "index">[]> {
    if (TABLES.has(extname(path).toLowerCase())) {
      checked.addFinding(BUILTIN.fileUnsupported, "This is a table, not JSON. Convert it to JSON Lines: one object a line.", file.size);
      return [];
    }
    const sniffed = await sniffFile(file, this.#signal);
    if (sniffed.kind === "empty") {
      checked.addFinding(BUILTIN.fileEmpty, "The file has no rows: trainers refuse an empty dataset.", file.size);
      return [];
    }
    if (sniffed.kind === "binary") {
      checked.addFinding(BUILTIN.fileUnsupported, `This is ${sniffed.what}, not UTF-8 JSON. Convert it to JSON Lines first.`, file.size);
      return [];
    }
    if (sniffed.bom) {
      checked.addFinding(BUILTIN.jsonBom, "The file begins with a byte order mark; Python's json refuses the first row. Save it as UTF-8 without BOM.", 3);
    }
    const shape = PLAIN_TEXT.has(extname(path).toLowerCase()) ? "plain" : sniffed.shape;
    const expectedFormat = await sniffFormat(file, shape, this.#fields, this.#signal);
    // An array's elements can only be told apart from its beginning on, so it is one slice.
    const ranges = shape === "array" || shape === "values" ? [undefined] : cutRanges(file.size, this.#sliceBytes);
    return ranges.map((range) => ({ shape, range, expectedFormat }));
  }
}

function cutRanges(size: number, sliceBytes: number): ByteRange[] {
  const count = Math.max(1, Math.ceil(size / sliceBytes));
  return Array.from({ length: count }, (_, i) => ({ from: Math.floor((size * i) / count), to: Math.floor((size * (i + 1)) / count) }));
}
