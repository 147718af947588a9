import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Readable, Writable } from "node:stream";
import type { TestContext } from "node:test";
import { DisposableStore } from "../../../extension/base/disposable";
import type { OutputStream } from "../../../extension/cli/host";
import type { CliHost } from "../../../extension/cli/host";
import type { CheckEngine, CheckEvents, CheckRequest } from "../../../extension/cli/engine";
import type { Sink } from "../../../extension/cli/sink";
import type { Finding } from "../../../extension/core/analysis/finding";
import type { FileSummary } from "../../../extension/core/analysis/report";
import type { RuleMeta } from "../../../extension/core/rules/rule";

/** A folder of its own for a test, gone afterwards. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "cli-test-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A stream that keeps what is written to it. */
export class MemoryStream extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;

  constructor(options: { isTTY?: boolean; columns?: number } = {}) {
    super({ decodeStrings: false });
    this.isTTY = options.isTTY ?? false;
    this.columns = options.columns ?? 80;
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.text += chunk.toString();
    callback();
  }
}

/** A stream whose reader leaves after the first bytes. */
export class BrokenPipe extends Writable {
  override _write(_chunk: unknown, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    callback(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  }
}

/** A sink that keeps what is written to it. */
export class MemorySink implements Sink {
  text = "";
  readonly #pieces: Buffer[] = [];

  write(chunk: string | Uint8Array): void {
    this.#pieces.push(Buffer.from(chunk));
    this.text = Buffer.concat(this.#pieces).toString();
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  finish(): Promise<void> {
    return Promise.resolve();
  }
}

export const RULES: readonly RuleMeta[] = [
  { id: "json/syntax", severity: "error", description: "A row that is no JSON stops the trainer." },
  { id: "messages/empty", severity: "warning", description: "An empty turn teaches silence." },
  { id: "text/hidden", severity: "hint", description: "Characters that nobody sees are trained on too." },
];

/** A finding in the first row, with what matters to the test replaced. */
export function finding(changes: Partial<Finding> = {}): Finding {
  return {
    rule: "messages/empty",
    severity: "warning",
    message: "The turn is empty.",
    row: 1,
    pointer: "/messages/1/content",
    range: { start: { line: 1, column: 5 }, end: { line: 1, column: 8 } },
    byteOffset: 4,
    byteLength: 3,
    profiles: [],
    data: {},
    ...changes,
  };
}

export function summary(changes: Partial<FileSummary> = {}): FileSummary {
  return {
    path: "data/train.jsonl",
    bytes: 100,
    rows: 2,
    format: "messages",
    tokens: null,
    histogram: [],
    counts: { errors: 0, warnings: 0, infos: 0, hints: 0 },
    byRule: {},
    ...changes,
  };
}

/** An engine that does what the test says. */
export function fakeEngine(run: (request: CheckRequest, events: CheckEvents, signal: AbortSignal) => void | Promise<void>): CheckEngine {
  return { rules: RULES, runCheck: async (request, events, signal) => run(request, events, signal) };
}

/** An engine that finds nothing, or the given findings in every file. */
export function engineFinding(findings: readonly Finding[]): CheckEngine {
  return fakeEngine((request, events) => {
    events.onModel(null);
    for (const path of request.files) {
      events.onFileStart(path, 100);
      for (const found of findings) events.onFinding(path, found);
      const errors = findings.filter((found) => found.severity === "error").length;
      events.onFileEnd(summary({ path, counts: { errors, warnings: findings.length - errors, infos: 0, hints: 0 } }));
    }
  });
}

export interface FakeHost extends CliHost {
  readonly stdout: OutputStream & { text: string };
  readonly stderr: MemoryStream;
}

export function fakeHost(changes: Partial<CliHost> & { cwd: string }): FakeHost {
  let time = 0;
  return {
    engine: engineFinding([]),
    workerPath: resolve("dist/worker.js"),
    version: "9.9.9",
    stdin: Readable.from([]),
    stdout: new MemoryStream(),
    stderr: new MemoryStream(),
    env: {},
    platform: process.platform,
    parallelism: 2,
    now: () => (time += 1000),
    signal: new AbortController().signal,
    lifetime: new DisposableStore(),
    ...changes,
  } as FakeHost;
}

/** What the tests look at of a JSON report. */
export interface ParsedReport {
  readonly files: readonly { readonly findings: readonly { readonly message: string }[] }[];
  readonly summary: { readonly files: number };
}

export function parseReport(text: string): ParsedReport {
  return JSON.parse(text) as ParsedReport;
}

/** What the tests look at of a SARIF log. */
export interface SarifRun {
  readonly columnKind: string;
  readonly tool: { readonly driver: { readonly rules: readonly object[] } };
  readonly results: readonly {
    readonly level: string;
    readonly ruleIndex?: number;
    readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
    readonly relatedLocations?: readonly { readonly message: { readonly text: string } }[];
    readonly partialFingerprints: Readonly<Record<string, string>>;
  }[];
}

export function parseSarif(text: string): SarifRun {
  const [run] = (JSON.parse(text) as { runs: SarifRun[] }).runs;
  if (run === undefined) throw new Error("The log holds no run.");
  return run;
}

/** The files of a folder and their content. */
export function contentOf(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}
