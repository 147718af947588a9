import type { Dirent } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { messageOf, TunesmithError } from "../../base/errors";
import type { FoundTraining } from "../../core/training/placedTraining";
import { MAX_ALL_CONFIG_BYTES, MAX_CONFIG_BYTES, MAX_CONFIG_FILES, NOT_SEARCHED_FOLDERS, isConfigFile } from "../../core/training/trainingConfig";
import { ConfigReader } from "./configReader";

const MAX_FOLDERS = 2000;
const MAX_DEPTH = 8;

export interface TrainingSearch {
  /** Names are told relative to it. */
  readonly cwd: string;
  /** The bundle that the thread runs which reads the files. */
  readonly workerPath: string;
}

/** What one file says of how a model is trained. @throws TunesmithError `usage` where it cannot be read, or says nothing. */
export async function readTraining(path: string, { cwd, workerPath }: TrainingSearch): Promise<readonly FoundTraining[]> {
  const file = resolve(cwd, path);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new TunesmithError("usage", `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  });
  const reader = new ConfigReader(workerPath);
  try {
    const found = await reader.read({ file, name: nameOf(file, cwd), text });
    if (found.length > 0) return found;
  } finally {
    await reader.close();
  }
  throw new TunesmithError("usage", `${path} is no training configuration that is known here: Axolotl's, LLaMA-Factory's or TRL's YAML, or Python that calls get_peft_model or LoraConfig.`);
}

/**
 * What the files of the projects that `datasets` are in say of how a model is trained. A project begins at the nearest folder
 * above with `.git`, or else is `cwd`, or else the dataset's own folder. Files are read as text; nothing is run. Never fails:
 * what cannot be read says nothing.
 */
export async function findTraining(datasets: readonly string[], { cwd, workerPath }: TrainingSearch): Promise<readonly FoundTraining[]> {
  const roots = new Set<string>();
  for (const folder of new Set(datasets.map((path) => dirname(resolve(cwd, path))))) roots.add(await projectOf(folder, cwd));
  const files = new Set<string>();
  for (const root of roots) for (const file of await configFilesBelow(root)) if (files.size < MAX_CONFIG_FILES) files.add(file);
  const reader = new ConfigReader(workerPath);
  try {
    const found: FoundTraining[] = [];
    let bytes = 0;
    for (const file of files) {
      const text = await textOf(file);
      bytes += text?.length ?? 0;
      if (bytes > MAX_ALL_CONFIG_BYTES) break;
      if (text !== undefined) found.push(...(await reader.read({ file, name: nameOf(file, cwd), text })));
    }
    return found;
  } finally {
    await reader.close();
  }
}

async function projectOf(folder: string, cwd: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    if (await exists(join(at, ".git"))) return at;
    if (at === dirname(at)) break;
  }
  return folder === cwd || folder.startsWith(cwd.endsWith(sep) ? cwd : cwd + sep) ? cwd : folder;
}

/** The nearest to the root first. Links are not followed: they may lead anywhere. */
async function configFilesBelow(root: string): Promise<readonly string[]> {
  const files: string[] = [];
  let level = [root];
  let folders = 0;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      if (folders++ >= MAX_FOLDERS || files.length >= MAX_CONFIG_FILES) return files;
      for (const entry of await entriesOf(folder)) {
        if (entry.isDirectory() && !entry.name.startsWith(".") && !NOT_SEARCHED_FOLDERS.includes(entry.name)) next.push(join(folder, entry.name));
        else if (entry.isFile() && isConfigFile(entry.name)) files.push(join(folder, entry.name));
      }
    }
    level = next;
  }
  return files.slice(0, MAX_CONFIG_FILES);
}

async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await stat(file)).size > MAX_CONFIG_BYTES ? undefined : await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function nameOf(file: string, cwd: string): string {
  const name = relative(cwd, file);
  return (name.startsWith("..") ? basename(file) : name).replaceAll(sep, "/");
}
