import { stat } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { CancelledError, TunesmithError } from "../../base/errors";
import { openFile } from "../../node/files";
import { ScoreLog } from "../../node/scoring/scoreLog";
import { scoreRows } from "../../node/scoring/scoreRows";
import { readSetting } from "../configuration";
import type { LocalModel } from "../inference/localModel";
import { grouped } from "../wording";
import type { ScoreReports } from "./report";
import { LocalScorer } from "./scorer";

export interface ScoreDatasetOptions {
  readonly model: LocalModel;
  readonly reports: ScoreReports;
  /** A folder of the extension's own, where scores are kept. */
  readonly storage: string;
}

/** Scores every row of a file on disk. What is cancelled, or fails, is gone on with the next time. */
export async function scoreDataset(uri: vscode.Uri, options: ScoreDatasetOptions): Promise<void> {
  const { model, reports, storage } = options;
  const { size, mtimeMs } = await stat(uri.fsPath);
  const log = await ScoreLog.open(path.join(storage, "scores"), { path: uri.fsPath, size, modified: mtimeMs, model: model.id });
  const title = vscode.l10n.t("Scoring {0} with {1}", path.basename(uri.fsPath), model.name);
  let done = false;
  await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, async (progress, token) => {
    const abort = new AbortController();
    const cancelling = token.onCancellationRequested(() => abort.abort());
    const file = await openFile(uri.fsPath);
    let shown = 0;
    try {
      const scorer = new LocalScorer(model, readSetting("fields", uri), abort.signal);
      const report = (bytes: number): void => {
        const percent = size === 0 ? 100 : (bytes / size) * 100;
        progress.report({ increment: percent - shown, message: vscode.l10n.t("{0} rows", grouped(log.size)) });
        shown = percent;
      };
      for await (const score of scoreRows(file, scorer, { signal: abort.signal, known: (row) => log.has(row), onProgress: report })) {
        await log.add(score);
        progress.report({ message: vscode.l10n.t("{0} rows", grouped(log.size)) });
      }
      done = true;
    } catch (error) {
      if (!(error instanceof CancelledError) && !abort.signal.aborted) throw error;
    } finally {
      cancelling.dispose();
      await file.close();
    }
  });
  const now = await stat(uri.fsPath);
  if (now.size !== size || now.mtimeMs !== mtimeMs) {
    await log.clear();
    throw new TunesmithError("file-changed", vscode.l10n.t("{0} changed while it was scored. Score it again.", path.basename(uri.fsPath)));
  }
  if (log.size > 0) await reports.show(uri, model.name, log.scores, done);
}
