import type { CancelSignal } from "../../base/cancellation";
import type { FormatId } from "../dataset/conversation";
import type { RandomAccess } from "../io/ports";
import { type ByteRange, type FileShape, MAX_ROW_BYTES, type RawRow, readRows } from "../jsonl/rows";
import { decodeUtf8 } from "../jsonl/utf8";
import { BUILTIN } from "../rules/builtin";
import type { RuleMeta, Severity } from "../rules/rule";
import { type CheckContext, checkPlainRow, checkRow } from "./checkRow";
import type { Finding } from "./finding";
import { type RowOrigin, RowPlacer, type Severities, severityOf } from "./place";
import { type TokenCounts, TokenDistribution } from "./tokenDistribution";

/** How often each format was seen; `unknown` counts the rows without one. */
export type FormatCounts = Partial<Record<FormatId | "unknown", number>>;

/** What is known of a slice of a file; slices of one file add up. */
export interface SliceReport {
  readonly rows: number;
  /** Lines that ended in the slice, to shift the findings of the next one. */
  readonly lines: number;
  readonly formats: FormatCounts;
  readonly byRule: Readonly<Record<string, number>>;
  readonly bySeverity: Readonly<Record<Severity, number>>;
  readonly tokens: TokenCounts;
}

export interface SliceRequest {
  readonly shape: FileShape;
  /** The lines that begin here; the whole file when left out. */
  readonly range?: ByteRange | undefined;
  readonly severities: Severities;
  readonly signal?: CancelSignal | undefined;
  /** Takes findings in the order of the file, in batches. The check is never more than a batch ahead, so that a slow taker bounds the memory. */
  readonly onFindings: (findings: readonly Finding[]) => Promise<void>;
  readonly onProgress: (bytesDone: number) => void;
  /** What an earlier attempt came to, when it did not come to its end. */
  readonly earlier?: EarlierAttempt | undefined;
  /** Called around each row, so that a host can tell in which one a thread hangs. */
  readonly watch?: { enter(byteOffset: number, byteLength: number): void; leave(): void } | undefined;
}

/** An attempt to check a slice that ended in the middle. A check finds the same in the same order every time. */
export interface EarlierAttempt {
  /** Findings that were handed over, and are not to be handed over again. */
  readonly delivered: number;
  /** Rows that must not be tried again, by their place in the file, each with the reason for people. */
  readonly failedRows: readonly { readonly byteOffset: number; readonly reason: string }[];
}

/** How many rows of a file are rendered by a second engine too: what differs, differs from the first rows on. */
const SECOND_OPINIONS = 50;

/** How many findings are handed over at a time. */
const BATCH = 256;

/** How many bytes are checked between two reports of progress: each is a message to another thread. */
const PROGRESS_BYTES = 1024 * 1024;

/** Checks a slice of a file, row by row. Lines and row numbers count from the beginning of the slice. */
export async function checkSlice(file: RandomAccess, context: CheckContext, request: SliceRequest): Promise<SliceReport> {
  const slice = new Slice(context, request);
  let lines = 0;
  let told = 0;
  const range = request.range === undefined ? {} : { range: request.range };
  for await (const batch of readRows(file, { shape: request.shape, signal: request.signal, ...range })) {
    for (const row of batch.rows) {
      slice.row(row);
      if (slice.pending.length >= BATCH) await slice.flush();
    }
    lines = batch.linesDone;
    if (batch.bytesDone - told < PROGRESS_BYTES) continue;
    told = batch.bytesDone;
    request.onProgress(told);
  }
  await slice.flush();
  await slice.delivered();
  return slice.report(lines);
}

class Slice {
  readonly #context: CheckContext;
  readonly #request: SliceRequest;
  readonly #formats: FormatCounts = {};
  readonly #byRule: Record<string, number> = {};
  readonly #bySeverity: Record<Severity, number> = { error: 0, warning: 0, info: 0, hint: 0 };
  readonly #tokens = new TokenDistribution();
  readonly #failedRows: ReadonlyMap<number, string>;
  #rows = 0;
  /** Findings still to be left out, because an earlier attempt handed them over. */
  #known: number;
  pending: Finding[] = [];
  #delivery: Promise<void> = Promise.resolve();

  constructor(context: CheckContext, request: SliceRequest) {
    this.#context = { ...context, told: new Set() };
    this.#request = request;
    this.#failedRows = new Map(request.earlier?.failedRows.map(({ byteOffset, reason }) => [byteOffset, reason]));
    this.#known = request.earlier?.delivered ?? 0;
  }

  row(row: RawRow): void {
    if (row.fault !== undefined) {
      this.#addPlain(row, BUILTIN.jsonSyntax, row.fault, row.bytes.length);
      return;
    }
    this.#rows++;
    if (row.oversize !== undefined) {
      const message = `This row has ${row.oversize} bytes; rows of more than ${MAX_ROW_BYTES} bytes are not read. Split it.`;
      this.#addPlain(row, BUILTIN.fileRowTooLong, message, row.oversize);
      return;
    }
    const failure = this.#failedRows.get(row.byteOffset);
    if (failure !== undefined) {
      this.#addPlain(row, BUILTIN.fileRowUnchecked, failure, row.bytes.length);
      return;
    }
    this.#request.watch?.enter(row.byteOffset, row.bytes.length);
    this.#checked(row);
    this.#request.watch?.leave();
  }

  #checked(row: RawRow): void {
    const decoded = decodeUtf8(row.bytes);
    const result = this.#request.shape === "plain" ? checkPlainRow(decoded, this.#context) : checkRow(decoded, this.#rowContext());
    const format = result.format ?? "unknown";
    this.#formats[format] = (this.#formats[format] ?? 0) + 1;
    if (result.tokens !== undefined) this.#tokens.add(result.tokens);
    if (result.findings.length === 0) return;
    const placer = new RowPlacer(row, decoded);
    for (const finding of result.findings) {
      this.#add(finding.rule, (severity) => placer.place(finding, severity), finding.severity);
    }
  }

  /** Only at the beginning of the file, so that a report does not depend on how a file is sliced. */
  #rowContext(): CheckContext {
    const { range, severities } = this.#request;
    const atStart = (range === undefined || range.from === 0) && this.#rows <= SECOND_OPINIONS;
    if (!atStart || this.#context.counter === undefined) return this.#context;
    return severityOf(BUILTIN.templateEngineDiffers, severities) === undefined ? this.#context : { ...this.#context, secondOpinion: true };
  }

  #addPlain(origin: RowOrigin, rule: RuleMeta, message: string, byteLength: number): void {
    const { line, column, byteOffset, number } = origin;
    const range = { start: { line, column }, end: { line, column: column + (byteLength === 0 ? 0 : 1) } };
    this.#add(rule, (severity) => ({ rule: rule.id, severity, message, row: number, pointer: "", range, byteOffset, byteLength, profiles: [], data: {} }));
  }

  #add(rule: RuleMeta, make: (severity: Severity) => Finding, otherwise?: Severity): void {
    const severity = severityOf(rule, this.#request.severities, otherwise);
    if (severity === undefined) return;
    this.#byRule[rule.id] = (this.#byRule[rule.id] ?? 0) + 1;
    this.#bySeverity[severity]++;
    if (this.#known > 0) this.#known--;
    else this.pending.push(make(severity));
  }

  /** Hands over what was found, once the batch before has been taken. */
  async flush(): Promise<void> {
    await this.#delivery;
    if (this.pending.length === 0) return;
    const batch = this.pending;
    this.pending = [];
    this.#delivery = this.#request.onFindings(batch);
    // Whoever waits for the delivery hears of its failure; until then nobody may.
    this.#delivery.catch(() => undefined);
  }

  /** All that was handed over has been taken. */
  delivered(): Promise<void> {
    return this.#delivery;
  }

  report(lines: number): SliceReport {
    return {
      rows: this.#rows,
      lines,
      formats: this.#formats,
      byRule: this.#byRule,
      bySeverity: this.#bySeverity,
      tokens: this.#tokens.toCounts(),
    };
  }
}
