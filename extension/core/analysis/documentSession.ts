import type { Disposable } from "../../base/disposable";
import { TunesmithError } from "../../base/errors";
import type { FormatId } from "../dataset/conversation";
import { type CheckContext, checkRow } from "./checkRow";
import { reportOfRows } from "./documentReport";
import { type DocumentRow, DocumentRows } from "./documentRows";
import type { Severities } from "./place";
import { majority } from "./sniffFormat";
import type { DocumentReport, LineEdit } from "./workerContract";

export type SessionContext = CheckContext & { readonly severities: Severities };

/** What a session needs of the thread that it runs in. */
export interface SessionHost {
  /** What rows are checked against now; `expectedFormat` is the session's own business. */
  context(): SessionContext;
  /** Milliseconds from any fixed moment. */
  now(): number;
  /** Lets everything else that waits run, edits above all, and at least so many milliseconds pass. */
  pause(milliseconds: number): Promise<void>;
  report(report: DocumentReport): void;
}

/** An open document at one moment. Its rows change in place with the next edit, so it is not kept. */
export interface DocumentView {
  readonly version: number;
  readonly rows: readonly DocumentRow[];
  readonly context: SessionContext;
}

/** How long rows are checked before edits and cancellations get their turn. A single row may take longer. */
const SLICE_MS = 8;
/** How often an unfinished check reports. */
const REPORT_EVERY_MS = 500;
/** Edited rows of no more text than this are counted with their first check: shorter than anybody notices. */
const COUNT_AT_ONCE_LENGTH = 64 * 1024;
/** Edited rows that go before all others; a paste of more is checked in the order of the document. */
const MAX_EDITED_ROWS = 1000;
/** How long the typing must rest before a document is split again whose rows are not its lines. */
const REBUILD_AFTER_MS = 300;

/**
 * Checks an open document while it is edited. Rows are checked in slices: first those that were just edited, then all that
 * were never checked, and only then their tokens are counted. An edit throws away the plan, not the results.
 */
export class DocumentSession implements Disposable {
  readonly #uri: string;
  readonly #host: SessionHost;
  readonly #rows = new DocumentRows();
  #version = 0;
  /** Undefined until all lines have arrived. */
  #context: SessionContext | undefined;
  #expected: FormatId | undefined;
  #edited: DocumentRow[] = [];
  #plan: Iterator<"checked" | "report", void> | undefined;
  #rebuildAt: number | undefined;
  #reportedAt = 0;
  #running = false;
  #disposed = false;
  /** Those who wait for the rows to be those of the text. */
  #waiting: (() => void)[] = [];

  constructor(uri: string, host: SessionHost) {
    this.#uri = uri;
    this.#host = host;
  }

  /** Adds lines while the document is opened. */
  append(lines: readonly string[]): void {
    this.#rows.append(lines);
  }

  /** All lines are there; the check begins. */
  opened(version: number): void {
    this.#version = version;
    this.#rows.rebuild();
    this.recheck();
    this.#settle();
  }

  /** Applies edits, one after the other; also while the document is still being opened. */
  change(version: number, edits: readonly LineEdit[]): void {
    this.#version = version;
    if (this.#context === undefined) {
      this.#rows.editLines(edits);
      return;
    }
    const rows = this.#rows.edit(edits);
    if (rows === undefined) this.#rebuildAt = this.#host.now() + REBUILD_AFTER_MS;
    else this.#edited.push(...rows.filter((row) => row.kind === "row").slice(0, MAX_EDITED_ROWS));
    this.#start();
  }

  /** Checks everything again, because the context has changed. What was found before is shown until then. */
  recheck(): void {
    this.#context = this.#host.context();
    for (const row of this.#rows.all) if (row.kind === "row") row.stage = "unchecked";
    this.#start();
  }

  /** Whether all lines have arrived. */
  get isOpen(): boolean {
    return this.#context !== undefined;
  }

  /** The document as it stands, for those who ask about it; once all lines have arrived and are rows. */
  async view(): Promise<DocumentView> {
    while (!this.#disposed && (this.#context === undefined || this.#rebuildAt !== undefined)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const context = this.#disposed ? undefined : this.#context;
    if (context === undefined) throw new TunesmithError("stale", "The document was closed.");
    return { version: this.#version, rows: this.#rows.all, context: { ...context, expectedFormat: this.#expected } };
  }

  dispose(): void {
    this.#disposed = true;
    this.#settle();
  }

  #settle(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resume of waiting) resume();
  }

  #start(): void {
    this.#plan = undefined;
    if (this.#running) return;
    this.#running = true;
    void this.#run();
  }

  async #run(): Promise<void> {
    let more = true;
    while (more) {
      // Also before the first slice, so that a burst of edits is taken together.
      await this.#host.pause(this.#rebuildAt === undefined ? 0 : Math.max(0, this.#rebuildAt - this.#host.now()));
      if (this.#disposed) return;
      if (this.#rebuildAt !== undefined) {
        if (this.#host.now() < this.#rebuildAt) continue;
        this.#rebuild();
      }
      more = this.#slice();
    }
    this.#running = false;
  }

  #rebuild(): void {
    this.#rebuildAt = undefined;
    this.#edited = [];
    this.#plan = undefined;
    this.#rows.rebuild();
    this.#settle();
  }

  /** Works for a slice of time. @returns whether there is more to do. */
  #slice(): boolean {
    const end = this.#host.now() + SLICE_MS;
    this.#plan ??= this.#work();
    do {
      const step = this.#plan.next();
      if (step.done === true) {
        this.#report(true);
        return false;
      }
      if (step.value === "report") this.#report(false);
    } while (this.#host.now() < end);
    if (this.#host.now() - this.#reportedAt >= REPORT_EVERY_MS) this.#report(false);
    return true;
  }

  /** What is to be done, in order, a row at a time. Rows that are done are passed over, so it can begin anew at any time. */
  *#work(): Generator<"checked" | "report", void> {
    const rows = this.#rows.all;
    const countAtOnce = this.#edited.reduce((length, row) => length + row.text.length, 0) <= COUNT_AT_ONCE_LENGTH;
    const hasEdited = this.#edited.length > 0;
    for (let row = this.#edited.shift(); row !== undefined; row = this.#edited.shift()) {
      this.#check(row, countAtOnce ? "done" : "quick");
      yield "checked";
    }
    if (hasEdited && rows.some((row) => row.stage === "unchecked")) yield "report";
    for (const row of rows) {
      if (row.stage !== "unchecked") continue;
      this.#check(row, "quick");
      yield "checked";
    }
    this.#expected = majorityOf(rows);
    for (const row of rows) {
      if (!isStale(row, this.#expected)) continue;
      this.#check(row, row.stage);
      yield "checked";
    }
    if (rows.some((row) => row.stage === "quick")) yield "report";
    for (const row of rows) {
      if (row.stage !== "quick") continue;
      this.#check(row, "done");
      yield "checked";
    }
  }

  #check(row: DocumentRow, stage: DocumentRow["stage"]): void {
    if (this.#context === undefined) return;
    const counter = stage === "done" ? this.#context.counter : undefined;
    row.result = checkRow({ text: row.text, invalid: [] }, { ...this.#context, counter, expectedFormat: this.#expected });
    row.stage = this.#context.counter === undefined ? "done" : stage;
    row.expected = this.#expected;
    row.placed = undefined;
  }

  #report(complete: boolean): void {
    const report = reportOfRows(this.#rows.all, this.#context?.severities ?? {});
    this.#host.report({ uri: this.#uri, version: this.#version, ...report, complete });
    this.#reportedAt = this.#host.now();
  }
}

/** The format of most rows; of equals the one that comes first. */
function majorityOf(rows: readonly DocumentRow[]): FormatId | undefined {
  const counts = new Map<FormatId, number>();
  for (const { result } of rows) {
    if (result.format !== undefined) counts.set(result.format, (counts.get(result.format) ?? 0) + 1);
  }
  return majority(counts);
}

/** Whether the row was checked against another format of the file, and would be judged differently now. */
function isStale(row: DocumentRow, expected: FormatId | undefined): boolean {
  const { format } = row.result;
  if (format === undefined || row.expected === expected) return false;
  const wasMixed = row.expected !== undefined && row.expected !== format;
  const isMixed = expected !== undefined && expected !== format;
  return wasMixed || isMixed;
}
