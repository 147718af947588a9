import * as vscode from "vscode";
import type { VerdictsProgress } from "../../core/weights/workerMethods";

/** What takes no longer is not worth a notification. */
const SHOW_AFTER_MS = 1500;

/**
 * Shows that rows of a model come from the hub, with a way to cancel, where that takes long.
 * @param name what people call the model. @param done settles when they are there
 * @returns takes how far it is
 */
export function showRowsProgress(name: string, done: Promise<unknown>, cancel: () => void): (progress: VerdictsProgress) => void {
  let told: VerdictsProgress | undefined;
  let tell: (() => void) | undefined;
  const timer = setTimeout(() => {
    const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Reading the embedding rows of {0}", name), cancellable: true };
    void vscode.window.withProgress(options, async (progress, token) => {
      token.onCancellationRequested(cancel);
      tell = () => {
        if (told !== undefined) progress.report({ message: vscode.l10n.t("{0}, {1} MB", told.file, (told.doneBytes / 1e6).toFixed(1)) });
      };
      tell();
      await done.catch(() => undefined);
    });
  }, SHOW_AFTER_MS);
  void done.catch(() => undefined).then(() => clearTimeout(timer));
  return (progress) => {
    told = progress;
    tell?.();
  };
}
