import * as vscode from "vscode";
import { CancelledError, messageOf } from "../base/errors";

/** A button of a notification. */
export interface Action {
  readonly title: string;
  run(): unknown;
}

/**
 * The output channel, and the notifications that refer to it. What is shown is also logged. The same notification is not
 * shown again while it still stands there.
 */
export class Log implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel("Tunesmith", { log: true });
  readonly #shown = new Set<string>();
  readonly #showOutput: Action = { title: vscode.l10n.t("Show Output"), run: () => this.output.show(true) };

  info(message: string, ...actions: readonly Action[]): void {
    this.output.info(message);
    void this.#show(message, vscode.window.showInformationMessage, actions);
  }

  warn(message: string, ...actions: readonly Action[]): void {
    this.output.warn(message);
    void this.#show(message, vscode.window.showWarningMessage, [...actions, this.#showOutput]);
  }

  error(message: string, ...actions: readonly Action[]): void {
    this.output.error(message);
    void this.#show(message, vscode.window.showErrorMessage, [...actions, this.#showOutput]);
  }

  /** Shows anything that was thrown; nothing when the user cancelled. `what` says what did not work. */
  failure(what: string, error: unknown): void {
    if (error instanceof CancelledError) return;
    if (error instanceof Error && error.stack !== undefined) this.output.debug(error.stack);
    this.error(`${what} ${messageOf(error)}`);
  }

  dispose(): void {
    this.output.dispose();
  }

  async #show(
    message: string,
    show: (message: string, ...titles: string[]) => Thenable<string | undefined>,
    actions: readonly Action[],
  ): Promise<void> {
    if (this.#shown.has(message)) return;
    this.#shown.add(message);
    try {
      const chosen = await show(message, ...actions.map(({ title }) => title));
      await actions.find(({ title }) => title === chosen)?.run();
    } finally {
      this.#shown.delete(message);
    }
  }
}
