import * as vscode from "vscode";

const KEY = "templates.sample";

/** The conversation that templates are tried with: one for the whole workspace, remembered. */
export class SampleChoice implements vscode.Disposable {
  readonly #state: vscode.Memento;
  readonly #changed = new vscode.EventEmitter<string>();
  readonly onDidChange = this.#changed.event;

  constructor(state: vscode.Memento) {
    this.#state = state;
  }

  /** The id of a sample; undefined where nobody has chosen. */
  get id(): string | undefined {
    const id = this.#state.get(KEY);
    return typeof id === "string" ? id : undefined;
  }

  /** Lets the user choose. */
  async choose(): Promise<void> {
    const { SAMPLES, sampleById } = await import("./later");
    const current = sampleById(this.id);
    const items = SAMPLES.map((sample) => ({ label: sample.title, description: sample === current ? vscode.l10n.t("in use") : "", detail: sample.description, id: sample.id }));
    const picked = await vscode.window.showQuickPick(items, { title: vscode.l10n.t("Conversation to Try Templates With"), matchOnDetail: true });
    if (picked === undefined) return;
    await this.#state.update(KEY, picked.id);
    this.#changed.fire(picked.id);
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
