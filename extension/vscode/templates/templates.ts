import type * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import type { Diagnostics } from "../diagnostics";
import { registerTemplateLanguage } from "../language/template/register";
import type { Log } from "../log";
import { adoptTemplateLanguage } from "./adoptLanguage";
import { CaseWatch } from "./cases/caseWatch";
import { ConfigTemplateFiles } from "./configTemplateFiles";
import { openConfigTemplate } from "./openConfigTemplate";
import { ProbePrompts } from "./probePrompts";
import { SampleChoice } from "./sampleChoice";
import { TemplateChecks } from "./templateChecks";
import { TemplateWorker } from "./templateWorker";

export interface TemplatesOptions {
  readonly workerPath: string;
  readonly state: vscode.Memento;
  readonly diagnostics: Diagnostics;
  readonly log: Log;
}

/** All that there is for chat templates, put together. */
export class Templates implements vscode.Disposable {
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #samples: SampleChoice;
  readonly #prompts: ProbePrompts;
  readonly #cases: CaseWatch;

  constructor({ workerPath, state, diagnostics, log }: TemplatesOptions) {
    this.#log = log;
    const worker = this.#store.add(new TemplateWorker(workerPath));
    this.#samples = this.#store.add(new SampleChoice(state));
    this.#prompts = this.#store.add(new ProbePrompts(worker, log));
    const checks = this.#store.add(new TemplateChecks(worker, diagnostics, log));
    this.#store.add(new ConfigTemplateFiles(log));
    this.#cases = this.#store.add(new CaseWatch(worker, log));
    this.#store.add(adoptTemplateLanguage());
    this.#store.add(registerTemplateLanguage(worker, this.#samples, checks));
  }

  /** Lets the user choose the conversation that templates are tried with. */
  selectSample(): Promise<void> {
    return this.#samples.choose();
  }

  /** Shows the prompts of a finding; the arguments are the template's address and the probe. */
  comparePrompts(args: readonly unknown[]): Promise<void> {
    return this.#prompts.compare(args);
  }

  /** Opens a template of a configuration file; the arguments are its address, and the pointer where it has several. */
  openConfigTemplate(args: readonly unknown[]): Promise<void> {
    return openConfigTemplate(this.#log, args);
  }

  /** Makes the prompt of a case what it asks for; the argument is an item of the Testing view, or a message of one. */
  acceptPrompt(args: readonly unknown[]): Promise<void> {
    return this.#cases.accept(args);
  }

  dispose(): void {
    this.#store.dispose();
  }
}
