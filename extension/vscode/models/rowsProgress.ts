import * as vscode from "vscode";
import { sizeText } from "../../core/weights/openedFile";
import type { VerdictsProgress } from "../../core/weights/workerMethods";

/** What takes no longer is not worth a notification. */
const SHOW_AFTER_MS = 1500;

/**
 * Shows that rows of a model are read, with a way to cancel, where that takes long: they come from the hub, or from a slow disk.
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
        if (told !== undefined) progress.report(reportOf(told));
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

function reportOf({ file, doneBytes, totalBytes }: VerdictsProgress): { readonly message: string } {
  if (totalBytes === undefined) return { message: vscode.l10n.t("{0}, {1}", file, sizeText(doneBytes)) };
  return { message: vscode.l10n.t("{0}, {1} of {2}", file, sizeText(doneBytes), sizeText(totalBytes)) };
}
