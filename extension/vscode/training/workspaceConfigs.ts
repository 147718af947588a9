import * as vscode from "vscode";
import { CONFIG_EXTENSIONS, MAX_CONFIG_BYTES, type TrainingConfig } from "../../core/training/trainingConfig";
import { ConfigReader } from "../../node/trainingConfigs";

/** A training configuration of the workspace, and where it is. */
export interface PlacedConfig {
  readonly uri: vscode.Uri;
  readonly config: TrainingConfig;
  /** Where the file decides it; in a notebook, the beginning. */
  readonly range: vscode.Range;
}

/** More files of these kinds are not opened: a workspace of so many is not about one training run. */
const MAX_FILES = 300;

/**
 * What the workspace's files say about the training of embedding rows. Files are read as text; nothing is run.
 * @param workerPath the bundle of the thread that reads them.
 */
export async function workspaceConfigs(workerPath: string): Promise<readonly PlacedConfig[]> {
  const files = await vscode.workspace.findFiles(`**/*.{${CONFIG_EXTENSIONS.join(",")}}`, "**/{node_modules,.venv,venv,site-packages,.git}/**", MAX_FILES);
  if (files.length === 0) return [];
  const reader = new ConfigReader(workerPath);
  try {
    const placed: PlacedConfig[] = [];
    for (const uri of files) placed.push(...(await configsOf(uri, reader)));
    return placed;
  } finally {
    await reader.close();
  }
}

async function configsOf(uri: vscode.Uri, reader: ConfigReader): Promise<readonly PlacedConfig[]> {
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > MAX_CONFIG_BYTES) return [];
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
    const isNotebook = uri.path.toLowerCase().endsWith(".ipynb");
    const configs = await reader.read(uri.path, text);
    return configs.map((config) => ({ uri, config, range: isNotebook ? new vscode.Range(0, 0, 0, 0) : rangeIn(text, config.span.start, config.span.end) }));
  } catch {
    // It went away, may not be read, or takes too long: then it says nothing.
    return [];
  }
}

function rangeIn(text: string, start: number, end: number): vscode.Range {
  const position = (offset: number): vscode.Position => {
    const before = text.slice(0, offset).split("\n");
    return new vscode.Position(before.length - 1, before.at(-1)?.length ?? 0);
  };
  return new vscode.Range(position(start), position(end));
}
