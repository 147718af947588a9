import * as vscode from "vscode";
import { DATASET_LANGUAGE } from "../../manifest/languages";
import { readSetting, readSettingOf, writeSetting } from "../configuration";
import { modelNameOf } from "../../core/model/modelName";
import type { Log } from "../log";
import { browseModel } from "../models/browse";
import { type ModelPlace, cachedModels, holdsTokenizer, workspaceModels } from "../models/modelPlaces";
import type { HubDownload } from "../models/hubDownload";
import { embeddedFolder, modelFor, patternFor, settingsPathOf, workspaceFolderOf } from "../models/models";

/** The pattern that a model is chosen for where none matches yet: all datasets of the folder. */
const ALL_DATASETS = "**";

type Item = vscode.QuickPickItem & { readonly choice?: "folder" | "gguf" | "hub" | "none" | ModelPlace };

/** Lets the user pick the model of the active dataset, and writes it to the settings of its workspace. */
export async function selectModel(log: Log, hub: HubDownload): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const uri = document?.languageId === DATASET_LANGUAGE ? document.uri : undefined;
  if (!vscode.workspace.isTrusted) {
    log.warn(vscode.l10n.t("Models of an untrusted workspace are ignored. Trust the workspace to select one."), {
      title: vscode.l10n.t("Manage Workspace Trust"),
      run: () => vscode.commands.executeCommand("workbench.trust.manage"),
    });
    return;
  }
  const current = uri === undefined ? undefined : modelFor(uri, readSetting("models", uri))?.folder;
  const picked = await vscode.window.showQuickPick(itemsFor(current), {
    title: vscode.l10n.t("Model that the dataset is for"),
    placeHolder: vscode.l10n.t("A folder, a GGUF file or a model of the Hugging Face hub"),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (picked?.choice === undefined) return;
  if (picked.choice === "none") {
    await bind("", uri);
    return;
  }
  const model = await modelOf(picked.choice, log, hub);
  if (model !== undefined) await bind(settingsPathOf(model, uri), uri);
}

/** The path or the hub's address of what was chosen; undefined when the user gave up. */
async function modelOf(choice: "folder" | "gguf" | "hub" | ModelPlace, log: Log, hub: HubDownload): Promise<string | undefined> {
  switch (choice) {
    case "folder":
      return await browseFolder(log);
    case "gguf":
      return await browseModel("gguf", vscode.l10n.t("GGUF file"));
    case "hub":
      return await hub.choose();
    default:
      return choice.folder;
  }
}

async function itemsFor(current: string | undefined): Promise<Item[]> {
  const [workspace, cached] = await Promise.all([workspaceModels(), cachedModels()]);
  return [
    ...section(vscode.l10n.t("Workspace"), workspace, current),
    ...section(vscode.l10n.t("Hugging Face cache"), cached, current),
    ...section(vscode.l10n.t("Comes with Tunesmith"), [{ name: modelNameOf(embeddedFolder()), folder: embeddedFolder() }], current, vscode.l10n.t("A small model for trying things out, without network")),
    { label: "", kind: vscode.QuickPickItemKind.Separator },
    { label: `$(folder-opened) ${vscode.l10n.t("Choose a folder…")}`, choice: "folder" },
    { label: `$(file) ${vscode.l10n.t("Choose a GGUF file…")}`, choice: "gguf" },
    { label: `$(cloud-download) ${vscode.l10n.t("Download from the Hugging Face hub…")}`, choice: "hub" },
    { label: `$(circle-slash) ${vscode.l10n.t("No model")}`, choice: "none" },
  ];
}

function section(label: string, places: readonly ModelPlace[], current: string | undefined, detail?: string): Item[] {
  if (places.length === 0) return [];
  const items = places.map((place) => ({
    label: place.name,
    detail: detail ?? place.folder,
    ...(place.folder === current ? { description: vscode.l10n.t("in use") } : {}),
    choice: place,
  }));
  return [{ label, kind: vscode.QuickPickItemKind.Separator }, ...items];
}

async function browseFolder(log: Log): Promise<string | undefined> {
  const folder = await browseModel("folder", vscode.l10n.t("Folder that holds the model's tokenizer.json"));
  if (folder === undefined || (await holdsTokenizer(folder))) return folder;
  log.error(vscode.l10n.t("{0} holds no tokenizer.json. Select the folder that the model was downloaded or saved to.", folder));
  return undefined;
}

/** Writes `value` for the pattern in force; an empty one as "no model" only where settings elsewhere name a model. */
async function bind(value: string, uri: vscode.Uri | undefined): Promise<void> {
  const target = targetFor();
  const scope = workspaceFolderOf(uri)?.uri ?? uri;
  const effective = readSetting("models", uri);
  const pattern = (uri === undefined ? undefined : patternFor(uri, effective)) ?? ALL_DATASETS;
  const { [pattern]: _, ...others } = readSettingOf("models", target, scope);
  const needed = value !== "" || isSetElsewhere(pattern, target, scope);
  const models = needed ? { ...others, [pattern]: value } : others;
  await writeSetting("models", Object.keys(models).length === 0 ? undefined : models, target, scope);
}

function isSetElsewhere(pattern: string, target: vscode.ConfigurationTarget, scope: vscode.Uri | undefined): boolean {
  const { Global, Workspace, WorkspaceFolder } = vscode.ConfigurationTarget;
  return [Global, Workspace, WorkspaceFolder].some((each) => each !== target && Object.hasOwn(readSettingOf("models", each, scope), pattern));
}

/** The folder's settings where there are several folders, the user's where there is none. */
function targetFor(): vscode.ConfigurationTarget {
  const folders = vscode.workspace.workspaceFolders?.length ?? 0;
  if (folders === 0) return vscode.ConfigurationTarget.Global;
  return folders === 1 ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.WorkspaceFolder;
}
