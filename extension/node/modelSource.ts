import { stat } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { codeOf, hasCode, messageOf, TunesmithError } from "../base/errors";
import type { FileSource, Folder } from "../core/io/ports";
import { filesAt, folderAt } from "./files";
import { parseHubId } from "./hub/hubId";
import type { HubModel } from "./hub/hubModel";
import type { HubOptions } from "./hub/settings";

/** Where a model's files come from. */
export type ModelSource = ModelFolder | ModelFile | ModelRepository;

interface Source {
  /** What people call the model. */
  readonly name: string;
  readonly folder: Folder;
  readonly files: FileSource;
}

export interface ModelFolder extends Source {
  readonly kind: "folder";
  /** Absolute. */
  readonly path: string;
}

/** A GGUF file, which has weights and tokenizer in one; `folder` and `files` are of the folder that it is in. */
export interface ModelFile extends Source {
  readonly kind: "gguf";
  /** Absolute. */
  readonly path: string;
  /** Its name in {@link files}. */
  readonly file: string;
}

export interface ModelRepository extends Source {
  readonly kind: "hub";
  /** The GGUF file that is meant, where one was named. */
  readonly file: string | undefined;
  readonly hub: HubModel;
}

const GGUF = /\.gguf$/i;

/**
 * Finds the model that people name: a folder, a GGUF file, or a repository of the hub (`owner/name`, `owner/name@revision`,
 * `owner/name/file.gguf`). What is on disk comes first, as in transformers; a word that can only be a path is never asked
 * for over the network.
 * @param cwd what relative paths are relative to. @throws TunesmithError `not-a-model` when there is nothing of that name; what `hubModel` throws.
 */
export async function resolveModel(spec: string, options: HubOptions = {}, cwd: string = process.cwd()): Promise<ModelSource> {
  const path = resolve(cwd, spec.replace(/^~(?=$|[/\\])/, () => homedir()));
  const kind = await kindOf(path);
  if (kind === "folder") return { kind, path, name: folderAt(path).name, folder: folderAt(path), files: filesAt(path) };
  if (kind === "file") return fileSource(path);
  const id = isPath(spec) ? undefined : parseHubId(spec);
  if (id === undefined) {
    throw new TunesmithError("not-a-model", `There is no model ${spec} (looked for ${path}). Give a folder that holds tokenizer.json, a GGUF file, or owner/name of a model of the hub.`);
  }
  const { hubModel } = await import("./hub/hubModel");
  const hub = await hubModel(id.revision === undefined ? id.repository : `${id.repository}@${id.revision}`, options).catch((error: unknown) => {
    if (!hasCode(error, "hub-no-such-repository")) throw error;
    throw new TunesmithError("not-a-model", `${messageOf(error)} Nor is there a folder ${path}.`, { cause: error });
  });
  return { kind: "hub", name: hub.name, folder: hub.folder, files: hub.files, file: id.file, hub };
}

async function kindOf(path: string): Promise<"folder" | "file" | undefined> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "file";
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return undefined;
    throw new TunesmithError("cannot-read", `Cannot read ${path} (${codeOf(error) ?? messageOf(error)}). Check its permissions.`, { cause: error });
  }
}

function fileSource(path: string): ModelFile {
  const file = basename(path);
  if (!GGUF.test(file)) {
    throw new TunesmithError("not-a-model", `${path} is neither a folder nor a GGUF file. Give the folder that holds the model's tokenizer.json.`);
  }
  return { kind: "gguf", path, file, name: file.replace(GGUF, ""), folder: folderAt(dirname(path)), files: filesAt(dirname(path)) };
}

/** Whether a text names a place on disk and nothing else. */
function isPath(spec: string): boolean {
  return isAbsolute(spec) || /^[.~]|\\|^[a-zA-Z]:/.test(spec) || /^[^/]+\/[^/]+\.gguf$/i.test(spec);
}
