import * as vscode from "vscode";
import { type ConfigSnippet, configSnippets, type SnippetRequest } from "../../core/training/snippets";
import { describeTraining, trainsToken } from "../../core/training/trainingConfig";
import { rangeOf } from "../language/places";
import type { PlacedTraining } from "../../core/training/placedTraining";
import type { TrainingFiles } from "./trainingFiles";

/** Lets the user choose a trainer, and copies what trains the embedding rows with it. */
export async function copyTrainingConfiguration(training: TrainingFiles, [given]: readonly unknown[]): Promise<void> {
  const request = isRequest(given) ? given : { ids: [], tied: false };
  const items = configItems(request);
  const title = vscode.l10n.t("Copy a configuration that trains embed_tokens and lm_head");
  const picked = await vscode.window.showQuickPick<ChoiceItem>(withConfigs(items, request, training), { title, placeHolder: vscode.l10n.t("Which trainer?"), matchOnDetail: true });
  await picked?.run();
}

/** An entry of a menu that does something. */
export interface ChoiceItem extends vscode.QuickPickItem {
  readonly run: () => Promise<void> | void;
}

/** An entry for every trainer; it copies the snippet. */
export function configItems(request: SnippetRequest): readonly ChoiceItem[] {
  return configSnippets(request).map((snippet) => ({
    label: `$(copy) ${snippet.title}`,
    run: () => copy(snippet),
  }));
}

/** Entries for what the workspace's configurations do now; they open the place that decides it. */
export async function workspaceConfigItems(training: TrainingFiles, ids: readonly number[]): Promise<readonly ChoiceItem[]> {
  const found = await training.all();
  return found.map((placed) => configItem(placed, ids));
}

function configItem({ file, name, config, range }: PlacedTraining, ids: readonly number[]): ChoiceItem {
  const trains = ids.length === 0 ? [trainsToken(config, -1)] : ids.map((id) => trainsToken(config, id));
  const icon = trains.includes(false) ? "warning" : trains.includes(undefined) ? "question" : "pass";
  return {
    label: `$(${icon}) ${name}`,
    description: describeTraining(config),
    ...(config.model === undefined ? {} : { detail: config.model }),
    run: async () => {
      await vscode.window.showTextDocument(vscode.Uri.file(file), { selection: rangeOf(range) });
    },
  };
}

async function withConfigs(items: readonly ChoiceItem[], { ids }: SnippetRequest, training: TrainingFiles): Promise<ChoiceItem[]> {
  const configs = await workspaceConfigItems(training, ids);
  if (configs.length === 0) return [...items];
  return [...items, separator(vscode.l10n.t("now")), ...configs];
}

/** A line between the entries of a menu. */
export function separator(label: string): ChoiceItem {
  return { label, kind: vscode.QuickPickItemKind.Separator, run: () => undefined };
}

async function copy({ title, text }: ConfigSnippet): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  vscode.window.setStatusBarMessage(vscode.l10n.t("Copied: {0}", title), COPIED_MS);
}

const COPIED_MS = 4000;

function isRequest(value: unknown): value is SnippetRequest {
  const { ids, tied } = (value ?? {}) as Partial<Record<keyof SnippetRequest, unknown>>;
  return Array.isArray(ids) && ids.every((id) => typeof id === "number") && typeof tied === "boolean";
}
