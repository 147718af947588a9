import { access, readdir, readFile } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { modelNameOf } from "../../core/model/modelName";
import { hubCacheDir } from "../../node/hub/settings";

/** A folder with a tokenizer, or a GGUF file, that can be picked. */
export interface ModelPlace {
  readonly name: string;
  /** The path of the folder or file. */
  readonly folder: string;
}

const TOKENIZER = "tokenizer.json";
/** Model folders of the workspace that are offered; others can be browsed to. */
const MAX_WORKSPACE_MODELS = 50;
const NOT_SEARCHED = "**/{node_modules,.git,.venv,venv,__pycache__}/**";

/** The folders of the workspace that hold a tokenizer, and its GGUF files; of several parts the first. */
export async function workspaceModels(): Promise<ModelPlace[]> {
  const [tokenizers, ggufs] = await Promise.all([`**/${TOKENIZER}`, "**/*.gguf"].map((pattern) => vscode.workspace.findFiles(pattern, NOT_SEARCHED, MAX_WORKSPACE_MODELS)));
  const onDisk = (files: readonly vscode.Uri[] = []): string[] => files.filter(({ scheme }) => scheme === "file").map(({ fsPath }) => fsPath);
  const models = onDisk(ggufs).filter((file) => !/mmproj|-(?!00001)\d{5}-of-\d{5}\.gguf$/i.test(file));
  return [...onDisk(tokenizers).map((file) => path.dirname(file)), ...models].sort().map(placeAt);
}

/** The models that the Hugging Face cache holds a tokenizer of, in the revision that `main` was when it was downloaded. */
export async function cachedModels(): Promise<ModelPlace[]> {
  const cache = hubCacheDir();
  const repositories = (await namesIn(cache)).filter((name) => name.startsWith("models--"));
  const places = await Promise.all(repositories.sort().map((name) => cachedModel(path.join(cache, name))));
  return places.filter((place) => place !== undefined);
}

/** Whether `folder` holds a tokenizer. */
export async function holdsTokenizer(folder: string): Promise<boolean> {
  return access(path.join(folder, TOKENIZER)).then(
    () => true,
    () => false,
  );
}

async function cachedModel(repository: string): Promise<ModelPlace | undefined> {
  const main = await readFile(path.join(repository, "refs", "main"), "utf8").catch(() => "");
  const snapshots = await namesIn(path.join(repository, "snapshots"));
  const revisions = [main.trim(), ...snapshots].filter((revision) => revision !== "");
  for (const revision of revisions) {
    const folder = path.join(repository, "snapshots", revision);
    if (await holdsTokenizer(folder)) return { name: path.basename(repository).slice("models--".length).replaceAll("--", "/"), folder };
  }
  return undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

function placeAt(folder: string): ModelPlace {
  const file = /\.gguf$/i;
  // A file that is called model.gguf is named as its folder is, in which there may be another model.
  return { name: file.test(folder) ? `${modelNameOf(folder.replace(file, ""))} (GGUF)` : modelNameOf(folder), folder };
}
