import type { FormatCounts, SliceReport } from "../core/analysis/checkSlice";
import type { Finding, PositionRange } from "../core/analysis/finding";
import { type Severities, severityOf } from "../core/analysis/place";
import type { FileSummary } from "../core/analysis/report";
import { fileFormat } from "../core/analysis/sniffFormat";
import { TokenDistribution } from "../core/analysis/tokenDistribution";
import type { RandomAccess } from "../core/io/ports";
import { BUILTIN } from "../core/rules/builtin";
import type { RuleMeta, Severity } from "../core/rules/rule";
import type { CheckEvents } from "./checkFiles";

/** How many batches of findings of a slice are held before its turn; then its thread waits. A batch has about 100 KB. */
const BATCHES_AHEAD = 32;
const HISTOGRAM_BINS = 16;

/** A file of the run, with what its slices added up to so far. */
export class CheckedFile {
  readonly path: string;
  bytes = 0;
  /** Findings about the file as a whole, before those of its rows. */
  readonly own: { readonly rule: RuleMeta; readonly message: string; readonly byteLength: number }[] = [];
  rows = 0;
  lines = 0;
  readonly formats: FormatCounts = {};
  readonly byRule: Record<string, number> = {};
  readonly bySeverity: Record<Severity, number> = { error: 0, warning: 0, info: 0, hint: 0 };
  readonly tokens = new TokenDistribution();
  readonly #told = new Set<string>();
  #file: RandomAccess | undefined;

  constructor(path: string) {
    this.path = path;
  }

  opened(file: RandomAccess): void {
    this.#file = file;
    this.bytes = file.size;
  }

  addFinding(rule: RuleMeta, message: string, byteLength: number): void {
    this.own.push({ rule, message, byteLength });
  }

  async unchanged(): Promise<boolean> {
    return this.#file === undefined || (await this.#file.unchanged());
  }

  /** Whether an earlier slice has told the same; then the finding does not count. */
  hasTold({ once, rule, severity }: Finding): boolean {
    if (once === undefined) return false;
    if (!this.#told.has(once)) {
      this.#told.add(once);
      return false;
    }
    this.byRule[rule] = (this.byRule[rule] ?? 0) - 1;
    this.bySeverity[severity]--;
    return true;
  }

  merge(report: SliceReport): void {
    this.rows += report.rows;
    this.lines += report.lines;
    addCounts(this.formats, report.formats);
    addCounts(this.byRule, report.byRule);
    addCounts(this.bySeverity, report.bySeverity);
    this.tokens.merge(report.tokens);
  }

  summary(): FileSummary {
    const { error, warning, info, hint } = this.bySeverity;
    return {
      path: this.path,
      bytes: this.bytes,
      rows: this.rows,
      format: fileFormat(this.formats),
      tokens: this.tokens.statistics(),
      histogram: this.tokens.histogram(HISTOGRAM_BINS),
      counts: { errors: error, warnings: warning, infos: info, hints: hint },
      byRule: this.byRule,
    };
  }
}

function addCounts<K extends string>(into: Partial<Record<K, number>>, from: Readonly<Partial<Record<K, number>>>): void {
  for (const key of Object.keys(from) as K[]) into[key] = (into[key] ?? 0) + (from[key] ?? 0);
}

interface Slot {
  readonly file: CheckedFile;
  readonly first: boolean;
  readonly last: boolean;
  /** JSON texts of `Finding[]`. */
  readonly batches: string[];
  readonly waiting: (() => void)[];
  report: SliceReport | undefined;
  started: boolean;
}

/** Brings the results of slices that are checked at the same time into the order of the files. */
export class OrderedResults {
  readonly events: CheckEvents;
  readonly #severities: Severities;
  /** Slices by index; a file without slices has a slot of its own in {@link #order} only. */
  readonly #slots = new Map<number, Slot>();
  readonly #order: Slot[] = [];
  #advancing: Promise<void> = Promise.resolve();

  constructor(events: CheckEvents, severities: Severities) {
    this.events = events;
    this.#severities = severities;
  }

  /** Adds a file with `slices` slices, counted from `firstIndex`. */
  add(file: CheckedFile, firstIndex: number, slices: number): void {
    const empty = { rows: 0, lines: 0, formats: {}, byRule: {}, bySeverity: { error: 0, warning: 0, info: 0, hint: 0 }, tokens: NO_TOKENS };
    for (let i = 0; i < Math.max(1, slices); i++) {
      const slot: Slot = {
        file,
        first: i === 0,
        last: i >= slices - 1,
        batches: [],
        waiting: [],
        report: slices === 0 ? empty : undefined,
        started: false,
      };
      if (slices > 0) this.#slots.set(firstIndex + i, slot);
      this.#order.push(slot);
    }
    this.#advance();
  }

  /** Takes findings of a slice; resolves when its thread may go on. */
  take(index: number, findings: string): Promise<void> {
    const slot = this.#slots.get(index);
    if (slot === undefined) return Promise.resolve();
    slot.batches.push(findings);
    this.#advance();
    if (slot === this.#order[0] || slot.batches.length < BATCHES_AHEAD) return Promise.resolve();
    return new Promise((resolve) => slot.waiting.push(resolve));
  }

  finish(index: number, report: SliceReport): void {
    const slot = this.#slots.get(index);
    this.#slots.delete(index);
    if (slot !== undefined) slot.report = report;
    this.#advance();
  }

  /** Resolves when everything that was added is delivered. */
  async finished(): Promise<void> {
    await this.#advancing;
  }

  #advance(): void {
    this.#advancing = this.#advancing.then(() => this.#deliver());
  }

  async #deliver(): Promise<void> {
    for (let slot = this.#order[0]; slot !== undefined; slot = this.#order[0]) {
      if (!slot.started) this.#start(slot);
      for (const batch of slot.batches.splice(0)) this.#emit(slot.file, JSON.parse(batch) as readonly Finding[]);
      for (const go of slot.waiting.splice(0)) go();
      if (slot.report === undefined) return;
      slot.file.merge(slot.report);
      if (slot.last) await this.#end(slot.file);
      this.#order.shift();
    }
  }

  #emit(file: CheckedFile, findings: readonly Finding[]): void {
    for (const finding of findings) {
      if (file.hasTold(finding)) continue;
      this.events.onFinding(file.path, shift(finding, file.lines));
    }
  }

  #start(slot: Slot): void {
    slot.started = true;
    if (!slot.first) return;
    this.events.onFileStart(slot.file.path, slot.file.bytes);
    for (const { rule, message, byteLength } of slot.file.own) this.#emitOwn(slot.file, rule, message, byteLength);
  }

  async #end(file: CheckedFile): Promise<void> {
    if (!(await file.unchanged())) {
      this.#emitOwn(file, BUILTIN.fileChanged, "The file changed while it was read, so these results mix two states of it. Check it again.", 0);
    }
    this.events.onFileEnd(file.summary());
  }

  #emitOwn(file: CheckedFile, rule: RuleMeta, message: string, byteLength: number): void {
    const severity = severityOf(rule, this.#severities);
    if (severity === undefined) return;
    file.byRule[rule.id] = (file.byRule[rule.id] ?? 0) + 1;
    file.bySeverity[severity]++;
    const start = { line: 1, column: 1 };
    const finding: Finding = { rule: rule.id, severity, message, row: 0, pointer: "", range: { start, end: start }, byteOffset: 0, byteLength, profiles: [], data: {} };
    this.events.onFinding(file.path, finding);
  }
}

const NO_TOKENS = { lengths: new Uint32Array(0), rows: new Uint32Array(0) };

/** Moves a finding of a slice down by the lines before the slice. */
function shift(finding: Finding, lines: number): Finding {
  if (lines === 0) return finding;
  const moved: Finding = { ...finding, row: finding.row + lines, range: shiftRange(finding.range, lines) };
  if (finding.related === undefined) return moved;
  return { ...moved, related: finding.related.map((place) => (place.file === undefined ? { ...place, range: shiftRange(place.range, lines) } : place)) };
}

function shiftRange({ start, end }: PositionRange, lines: number): PositionRange {
  return { start: { ...start, line: start.line + lines }, end: { ...end, line: end.line + lines } };
}
