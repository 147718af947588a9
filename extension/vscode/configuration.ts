import * as vscode from "vscode";
import type { CheckSettings } from "../core/analysis/workerContract";
import { SETTINGS, SETTINGS_SECTION, type SettingName, type SettingValues } from "../manifest/settings";
import { modelNameOf } from "../core/model/modelName";
import { modelFor } from "./models/models";
import type { TrainingFiles } from "./training/trainingFiles";
import { datasetOf } from "./rows/rowUri";

/** The value of a setting where `scope` is; what does not fit the setting's schema is left out. */
export function readSetting<Name extends SettingName>(name: Name, scope?: vscode.ConfigurationScope): SettingValues[Name] {
  return SETTINGS[name].read(vscode.workspace.getConfiguration(SETTINGS_SECTION, scope).get(name));
}

/** The value that a setting has in one of the places where it can be set, without those that override it. */
export function readSettingOf<Name extends SettingName>(
  name: Name,
  target: vscode.ConfigurationTarget,
  scope?: vscode.ConfigurationScope,
): SettingValues[Name] {
  const found = vscode.workspace.getConfiguration(SETTINGS_SECTION, scope).inspect(name);
  switch (target) {
    case vscode.ConfigurationTarget.Global:
      return SETTINGS[name].read(found?.globalValue);
    case vscode.ConfigurationTarget.Workspace:
      return SETTINGS[name].read(found?.workspaceValue);
    case vscode.ConfigurationTarget.WorkspaceFolder:
      return SETTINGS[name].read(found?.workspaceFolderValue);
  }
}

/** Sets a setting in one place. */
export async function writeSetting<Name extends SettingName>(
  name: Name,
  value: SettingValues[Name] | undefined,
  target: vscode.ConfigurationTarget,
  scope?: vscode.ConfigurationScope,
): Promise<void> {
  await vscode.workspace.getConfiguration(SETTINGS_SECTION, scope).update(name, value, target);
}

/** Calls `listener` when a setting may have changed, also because the workspace became trusted. */
export function onSettingsChange(listener: () => void): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SETTINGS_SECTION)) listener();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(listener),
    vscode.workspace.onDidChangeWorkspaceFolders(listener),
  );
}

/** What a dataset, or a row document of it, is checked with. */
export function checkSettingsFor(document: vscode.Uri, training: TrainingFiles): CheckSettings {
  const uri = datasetOf(document);
  const model = modelFor(uri, readSetting("models", uri));
  return {
    model: model === undefined ? undefined : { source: model.folder },
    maxLength: readSetting("maxLength", uri) ?? undefined,
    severities: readSetting("rules", uri),
    fields: readSetting("fields", uri),
    // Only tokens of a model can be untrained, so without one no file need be read.
    training: model === undefined ? [] : training.trainingOf(uri, modelNameOf(model.folder)),
  };
}
