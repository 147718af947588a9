import * as vscode from "vscode";
import { type LogError, readTrainingErrors } from "../../core/training/logErrors";
import type { CommandId } from "../../manifest/commands";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import type { Diagnostics, ShownFinding } from "../diagnostics";
import { rangeOf } from "../language/places";
import type { TrainingFiles } from "./trainingFiles";
import { type ChoiceItem, configItems, separator, workspaceConfigItems } from "./copyConfiguration";

/** Places of one message that the menu lists; the Problems view has all. */
const MAX_PLACES = 50;

export interface ExplainParts {
  readonly diagnostics: Diagnostics;
  readonly training: TrainingFiles;
}

/**
 * Explains a trainer's message, and leads to the rows and tokens that it is about. The message is the argument, what is
 * selected, what was copied, or what the user pastes.
 */
export async function explainTrainingError(parts: ExplainParts, [given]: readonly unknown[]): Promise<void> {
  const log = typeof given === "string" ? given : await messageToExplain();
  if (log === undefined) return;
  const errors = readTrainingErrors(log);
  if (errors.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t("No message of Unsloth, Axolotl, TRL or LLaMA-Factory is known in this text. Copy the last lines of the log, from \"Traceback\" on."));
    return;
  }
  const items = (await Promise.all(errors.map((error) => itemsFor(error, parts)))).flat();
  const picked = await vscode.window.showQuickPick<ChoiceItem>(items, {
    title: vscode.l10n.t("Explain Training Error"),
    placeHolder: vscode.l10n.t("Choose a place to go to, or what to do"),
    matchOnDetail: true,
    matchOnDescription: true,
  });
  await picked?.run();
}

async function messageToExplain(): Promise<string | undefined> {
  const editor = vscode.window.activeTextEditor;
  const selected = editor?.document.getText(editor.selection) ?? "";
  if (readTrainingErrors(selected).length > 0) return selected;
  // What is selected in a terminal can only be had by copying it.
  if (editor === undefined && vscode.window.activeTerminal !== undefined) await vscode.commands.executeCommand("workbench.action.terminal.copySelection");
  const copied = await vscode.env.clipboard.readText();
  if (readTrainingErrors(copied).length > 0) return copied;
  return await vscode.window.showInputBox({
    title: vscode.l10n.t("Explain Training Error"),
    prompt: vscode.l10n.t("Paste what the trainer printed"),
    ignoreFocusOut: true,
  });
}

async function itemsFor(error: LogError, { diagnostics, training }: ExplainParts): Promise<ChoiceItem[]> {
  const { trainer, versions, meaning, advice, ids } = error;
  const items: ChoiceItem[] = [
    separator(versions === undefined ? trainer : `${trainer}, ${versions}`),
    // A menu cuts long texts off.
    {
      label: `$(info) ${meaning}`,
      detail: advice,
      run: async () => {
        await vscode.window.showInformationMessage(meaning, { modal: true, detail: advice });
      },
    },
    ...rowItems(error),
    ...placeItems(error, diagnostics),
  ];
  if (error.rule?.startsWith("tokens/") === true && error.rule !== "tokens/over-length") {
    items.push(separator(vscode.l10n.t("what to do")), ...configItems({ ids, tied: false }), ...(await workspaceConfigItems(training, ids)));
  }
  return items;
}

/** The rows that the message names: those of the dataset in front, if the trainer had them in the order of the file. */
function rowItems({ rows }: LogError): ChoiceItem[] {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== DATASET_LANGUAGE) return [];
  return rows.slice(0, MAX_PLACES).flatMap((row) => {
    if (row >= document.lineCount) return [];
    const { range, text } = document.lineAt(row);
    return [{
      label: `$(list-ordered) ${vscode.l10n.t("Row {0}", row + 1)}`,
      description: vscode.l10n.t("the trainer's row {0}, if it did not shuffle", row),
      detail: text.slice(0, 120),
      run: () => reveal(document.uri, range),
    }];
  });
}

/** Where the data has what the message is about, as far as it was checked. */
function placeItems({ rule, ids }: LogError, diagnostics: Diagnostics): ChoiceItem[] {
  if (rule === undefined) return [];
  const wanted = new Set(ids);
  const isMeant = ({ data }: ShownFinding): boolean => wanted.size === 0 || (typeof data?.["id"] === "number" && wanted.has(data["id"]));
  const found = diagnostics.findingsOf(rule).filter(({ finding }) => isMeant(finding));
  if (found.length === 0) {
    const check = "tunesmith.checkWorkspace" satisfies CommandId;
    return [{ label: `$(search) ${vscode.l10n.t("Check the datasets of the workspace for it")}`, description: rule, run: () => vscode.commands.executeCommand(check) as Promise<void> }];
  }
  return found.slice(0, MAX_PLACES).map(({ uri, finding }) => ({
    label: `$(location) ${vscode.workspace.asRelativePath(uri)}:${finding.range.start.line}:${finding.range.start.column}`,
    ...(typeof finding.data?.["token"] === "string" ? { description: finding.data["token"] } : {}),
    detail: finding.message,
    run: () => reveal(uri, rangeOf(finding.range)),
  }));
}

async function reveal(uri: vscode.Uri, range: vscode.Range): Promise<void> {
  await vscode.window.showTextDocument(uri, { selection: range });
}
