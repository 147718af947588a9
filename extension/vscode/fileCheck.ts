import { availableParallelism } from "node:os";
import * as vscode from "vscode";
import { DisposableStore } from "../base/disposable";
import { MAX_SHOWN_FINDINGS } from "../core/analysis/documentReport";
import type { Finding } from "../core/analysis/finding";
import type { FileSummary, SeverityCounts } from "../core/analysis/report";
import type { CheckSettings } from "../core/analysis/workerContract";
import { DATASET_EXTENSIONS } from "../manifest/languages";
import { checkFiles } from "../node/checkFiles";
import { checkSettingsFor } from "./configuration";
import type { Diagnostics } from "./diagnostics";
import type { Documents } from "./documents/documents";
import type { Log } from "./log";
import { threadEnvironment } from "./models/threadEnvironment";
import type { TrainingFiles } from "./training/trainingFiles";
import { findingCount, grouped, rowCount } from "./wording";

/** A worker more is started for so much text; each loads the model. */
const BYTES_PER_JOB = 16 * 1024 * 1024;
const MAX_JOBS = 4;

export interface FileCheckOptions {
  readonly workerPath: string;
  readonly documents: Documents;
  readonly diagnostics: Diagnostics;
  readonly training: TrainingFiles;
  readonly log: Log;
}

/** What a check of files came to. */
interface Outcome {
  files: number;
  rows: number;
  cut: boolean;
  readonly counts: Record<keyof SeverityCounts, number>;
}

/** Checks files as they are on disk, whatever their size, and shows what is found in the Problems view. */
export class FileCheck implements vscode.Disposable {
  readonly #options: FileCheckOptions;
  readonly #store = new DisposableStore();
  /** Files whose findings are shown from the last check, each as it was when it was read. */
  readonly #shown = new Map<string, FileVersion>();
  #watching = false;

  constructor(options: FileCheckOptions) {
    this.#options = options;
    // Findings of an open document are published, and taken away, as it is edited and closed.
    this.#store.add(
      vscode.workspace.onDidOpenTextDocument(({ uri }) => {
        this.#shown.delete(uri.toString());
      }),
    );
  }

  /** Checks `files` with progress and a way to cancel, and tells the outcome. Settles when all is done. */
  async run(files: readonly vscode.Uri[], title: string): Promise<void> {
    const outcome: Outcome = { files: 0, rows: 0, cut: false, counts: { errors: 0, warnings: 0, infos: 0, hints: 0 } };
    const options = { location: vscode.ProgressLocation.Notification, title, cancellable: true };
    await vscode.window.withProgress(options, async (progress, token) => {
      const abort = new AbortController();
      const cancellation = token.onCancellationRequested(() => {
        abort.abort();
      });
      try {
        const versions = await Promise.all(files.map(versionOf));
        const report = percentReporter(progress, versions.reduce((sum, { size }) => sum + size, 0));
        await this.#options.training.ready();
        for (const group of groupsOf(files, versions, this.#options.training)) await this.#checkGroup(group, outcome, report, abort.signal);
      } finally {
        cancellation.dispose();
      }
    });
    this.#tell(outcome);
  }

  dispose(): void {
    this.#store.dispose();
  }

  async #checkGroup(group: Group, outcome: Outcome, report: (bytes: number) => void, signal: AbortSignal): Promise<void> {
    const { log, workerPath } = this.#options;
    const files = new Map(group.files.map((file) => [file.uri.fsPath, file]));
    let findings: Finding[] = [];
    let reported = 0;
    await checkFiles({
      files: [...files.keys()],
      settings: group.settings,
      jobs: Math.max(1, Math.min(MAX_JOBS, availableParallelism() - 1, Math.ceil(group.bytes / BYTES_PER_JOB))),
      workerPath,
      env: threadEnvironment(),
      signal,
      events: {
        onModel: (loaded) => {
          for (const note of loaded?.notes ?? []) log.output.warn(note);
        },
        onNote: (text) => {
          log.output.warn(text);
        },
        onFileStart: () => {
          findings = [];
        },
        onProgress: (done) => {
          report(done - reported);
          reported = done;
        },
        onFinding: (_, finding) => {
          if (findings.length < MAX_SHOWN_FINDINGS) findings.push(finding);
        },
        onFileEnd: (summary) => {
          const file = files.get(summary.path);
          if (file !== undefined) this.#fileDone(file, summary, findings, outcome);
        },
      },
    });
  }

  #fileDone({ uri, version }: CheckedFile, summary: FileSummary, findings: readonly Finding[], outcome: Outcome): void {
    const { counts } = summary;
    outcome.files++;
    outcome.rows += summary.rows;
    for (const kind of ["errors", "warnings", "infos", "hints"] as const) outcome.counts[kind] += counts[kind];
    const found = counts.errors + counts.warnings + counts.infos + counts.hints;
    if (found > findings.length) outcome.cut = true;
    const tokens = summary.tokens === null ? "" : `, ${grouped(summary.tokens.total)} tokens`;
    const path = vscode.workspace.asRelativePath(uri);
    this.#options.log.output.info(`${path}: ${summary.format}, ${rowCount(summary.rows)}${tokens}; ${findingCount(counts)}.`);
    // An open document shows its own findings, which are those of its text as it stands.
    if (this.#options.documents.stateOf(uri) !== undefined) return;
    this.#options.diagnostics.set(uri, findings);
    this.#shown.set(uri.toString(), version);
    this.#watch();
  }

  /** Findings of a file that changed or went away are about something that is no longer there. */
  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    const extensions = DATASET_EXTENSIONS.map((extension) => extension.slice(1)).join(",");
    const watcher = this.#store.add(vscode.workspace.createFileSystemWatcher(`**/*.{${extensions}}`, true));
    const dropIfChanged = async (uri: vscode.Uri): Promise<void> => {
      const key = uri.toString();
      const checked = this.#shown.get(key);
      if (checked === undefined) return;
      // The watcher tells with a delay: what it tells of may have happened before the check.
      const { size, mtime } = await versionOf(uri);
      if (this.#shown.get(key) !== checked || (size === checked.size && mtime === checked.mtime)) return;
      this.#shown.delete(key);
      this.#options.diagnostics.clear(uri);
    };
    this.#store.add(watcher.onDidChange(dropIfChanged));
    this.#store.add(watcher.onDidDelete(dropIfChanged));
  }

  #tell({ files, rows, cut, counts }: Outcome): void {
    const what = files === 1 ? rowCount(rows) : vscode.l10n.t("{0} files, {1}", grouped(files), rowCount(rows));
    const limit = cut ? ` ${vscode.l10n.t("The Problems view shows the first {0} findings of a file.", grouped(MAX_SHOWN_FINDINGS))}` : "";
    const message = `${vscode.l10n.t("Checked {0}: {1}.", what, findingCount(counts))}${limit}`;
    const showProblems = {
      title: vscode.l10n.t("Show Problems"),
      run: () => vscode.commands.executeCommand("workbench.actions.view.problems"),
    };
    this.#options.log.info(message, ...(counts.errors + counts.warnings + counts.infos > 0 ? [showProblems] : []));
  }
}

/** Tells whether a file is still what it was. */
type FileVersion = Pick<vscode.FileStat, "size" | "mtime">;

interface CheckedFile {
  readonly uri: vscode.Uri;
  readonly version: FileVersion;
}

/** Files that are checked with the same settings. */
interface Group {
  readonly settings: CheckSettings;
  readonly files: CheckedFile[];
  bytes: number;
}

function groupsOf(files: readonly vscode.Uri[], versions: readonly FileVersion[], training: TrainingFiles): Iterable<Group> {
  const groups = new Map<string, Group>();
  for (const [i, uri] of files.entries()) {
    const settings = checkSettingsFor(uri, training);
    const key = JSON.stringify(settings);
    const group = groups.get(key) ?? { settings, files: [], bytes: 0 };
    const version = versions[i] ?? NOT_THERE;
    group.files.push({ uri, version });
    group.bytes += version.size;
    groups.set(key, group);
  }
  return groups.values();
}

const NOT_THERE: FileVersion = { size: 0, mtime: 0 };

async function versionOf(uri: vscode.Uri): Promise<FileVersion> {
  // A file that is not there is the check's to report.
  return Promise.resolve(vscode.workspace.fs.stat(uri)).catch(() => NOT_THERE);
}

/** Reports whole percents of `total`, each once: progress comes for every chunk of every file. */
function percentReporter(progress: vscode.Progress<{ message: string; increment: number }>, total: number): (bytes: number) => void {
  let done = 0;
  let shown = 0;
  return (bytes) => {
    done += bytes;
    const percent = total === 0 ? 0 : Math.min(100, Math.floor((done / total) * 100));
    if (percent === shown) return;
    progress.report({ message: `${percent} %`, increment: percent - shown });
    shown = percent;
  };
}
