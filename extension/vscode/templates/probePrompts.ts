import * as vscode from "vscode";
import { DisposableStore } from "../../base/disposable";
import type { Rendering } from "../../core/template/probes/probe";
import type { ProbedId } from "../../core/rules/template/templateRules";
import type { CommandId } from "../../manifest/commands";
import type { Log } from "../log";
import { modelFoldersOf } from "./templateFiles";
import type { TemplateWorker } from "./templateWorker";

/** The scheme of prompts that are shown side by side. */
const PROMPT_SCHEME = "tunesmith-prompt";

const COMPARE = "tunesmith.compareProbePrompts" satisfies CommandId;

/** Shows the two prompts that a finding about a template rests on, and what they differ in. */
export class ProbePrompts implements vscode.Disposable {
  readonly #worker: TemplateWorker;
  readonly #log: Log;
  readonly #store = new DisposableStore();
  readonly #texts = new Map<string, string>();

  constructor(worker: TemplateWorker, log: Log) {
    this.#worker = worker;
    this.#log = log;
    this.#store.add(vscode.workspace.registerTextDocumentContentProvider(PROMPT_SCHEME, { provideTextDocumentContent: (uri) => this.#texts.get(uri.toString()) ?? "" }));
    this.#store.add(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#texts.delete(uri.toString())));
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** Opens the diff for the template and the probe that the arguments name. */
  async compare([uri, probe]: readonly unknown[]): Promise<void> {
    const { PROBED, isProbed } = await import("./later");
    if (!(uri instanceof vscode.Uri) || !isProbed(probe)) return;
    const document = await vscode.workspace.openTextDocument(uri);
    const evidence = await this.#worker.ask("templateEvidence", { source: document.getText(), folders: modelFoldersOf(uri), probe });
    if (evidence === null) {
      this.#log.warn(vscode.l10n.t("The template no longer renders; there are no prompts to compare."));
      return;
    }
    const rule = PROBED[probe].id;
    const base = this.#put(uri, rule, "a", evidence.base);
    const probed = this.#put(uri, rule, "b", evidence.probed);
    await vscode.commands.executeCommand("vscode.diff", base, probed, vscode.l10n.t("{0}: two prompts", rule), { preview: true });
  }

  #put(template: vscode.Uri, rule: string, side: "a" | "b", rendering: Rendering): vscode.Uri {
    const uri = vscode.Uri.from({ scheme: PROMPT_SCHEME, path: `/${rule.replace("/", "-")}-${side}.txt`, query: template.toString() });
    this.#texts.set(uri.toString(), textOf(rendering));
    return uri;
  }
}

/** The action that shows the prompts of a finding. */
export function comparePromptsAction(uri: vscode.Uri, probe: ProbedId, diagnostics: vscode.Diagnostic[]): vscode.CodeAction {
  const title = vscode.l10n.t("Compare the two prompts");
  const action = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  action.command = { command: COMPARE, title, arguments: [uri, probe] };
  action.diagnostics = diagnostics;
  return action;
}

/** The conversation, and the prompt that it gives or why it gives none. */
function textOf({ input, outcome }: Rendering): string {
  const { messages, tools, addGenerationPrompt, variables } = input;
  const given = JSON.stringify({ messages, ...(tools === undefined ? {} : { tools }), add_generation_prompt: addGenerationPrompt, ...variables }, undefined, 2);
  return `${promptOf(outcome)}\n\n───── conversation ─────\n${given}\n`;
}

function promptOf(outcome: Rendering["outcome"]): string {
  switch (outcome.kind) {
    case "prompt":
      return outcome.text;
    case "refusal":
      return `${outcome.type}: ${outcome.message}`;
    case "stopped":
      return vscode.l10n.t("The template took too long and was stopped.");
  }
}
