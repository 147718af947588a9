import type { Finding } from "../../core/analysis/finding";
import type { FileSummary, ModelSummary } from "../../core/analysis/report";
import type { Sink } from "../sink";
import type { FindingStore } from "./findingStore";
import { jsonText, type Reporter, type Totals } from "./reporter";

/** The version of the report's layout. */
const REPORT_VERSION = 1;

interface FileEntry {
  readonly summary: FileSummary;
  /** Where the findings stand in the store. */
  readonly start: number;
  readonly end: number;
}

/** The report for programs. Its keys and their order are a contract; a finding a line, so that `grep` works too. */
export class JsonReporter implements Reporter {
  readonly #sink: Sink;
  readonly #store: FindingStore;
  readonly #version: string;
  readonly #files: FileEntry[] = [];
  #model: ModelSummary | null = null;
  #start = 0;
  #first = true;

  constructor(sink: Sink, store: FindingStore, version: string) {
    this.#sink = sink;
    this.#store = store;
    this.#version = version;
  }

  model(model: ModelSummary | null): void {
    this.#model = model;
  }

  finding(_path: string, finding: Finding): void {
    this.#store.append(`${this.#first ? "" : ","}\n${jsonText(findingEntry(finding))}`);
    this.#first = false;
  }

  fileEnd(summary: FileSummary): void {
    const end = this.#store.mark();
    this.#files.push({ summary, start: this.#start, end });
    this.#start = end;
    this.#first = true;
  }

  async finish(totals: Totals): Promise<void> {
    const sink = this.#sink;
    sink.write(`{"version":${REPORT_VERSION},"tool":${jsonText(`tunesmith ${this.#version}`)},"model":${jsonText(modelEntry(this.#model))},\n"files":[`);
    for (const [index, file] of this.#files.entries()) {
      sink.write(`${index === 0 ? "" : ","}\n${jsonText(fileEntry(file.summary)).slice(0, -1)},"findings":[`);
      await this.#store.copy(file.start, file.end, sink);
      sink.write(file.end > file.start ? "\n]}" : "]}");
      await sink.ready();
    }
    sink.write(`${this.#files.length === 0 ? "" : "\n"}],\n"summary":${jsonText(summaryEntry(totals))}}\n`);
  }
}

function modelEntry(model: ModelSummary | null): ModelSummary | null {
  if (model === null) return null;
  const { id, tokenizer, template, engine } = model;
  return { id, tokenizer, template, ...(engine === undefined ? {} : { engine }) };
}

function fileEntry({ path, bytes, rows, format, tokens }: FileSummary): object {
  if (tokens === null) return { path, bytes, rows, format, tokens };
  const { total, trained, max, p50, p95, p99 } = tokens;
  return { path, bytes, rows, format, tokens: { total, trained, max, p50, p95, p99 } };
}

function findingEntry(finding: Finding): object {
  const { rule, severity, message, row, pointer, range, byteOffset, byteLength, profiles, data } = finding;
  const start = { line: range.start.line, column: range.start.column };
  const end = { line: range.end.line, column: range.end.column };
  return { rule, severity, message, row, pointer, range: { start, end }, byteOffset, byteLength, profiles, data };
}

function summaryEntry({ files, rows, tokens, counts, seconds }: Totals): object {
  const { errors, warnings, infos, hints } = counts;
  return { files, rows, tokens, errors, warnings, infos, hints, seconds };
}
