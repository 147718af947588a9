import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { FileSource, RandomAccess } from "../../core/io/ports";
import { openFile } from "../files";
import { onlyModelOf } from "../fileSource";
import type { HubOptions } from "../hub/settings";
import { type ModelSource, resolveModel } from "../modelSource";

/** A model, and those of its files that hold its weights. */
export interface ModelWeights {
  readonly source: ModelSource;
  readonly weights: FileSource;
}

/** The same files for a thread that reading may hold up; those on disk come faster. See `openFile`. */
export function blockingFiles(files: FileSource): FileSource {
  const open = async (name: string): Promise<RandomAccess | undefined> => {
    const access = await files.open(name);
    if (access?.path === undefined) return access;
    await access.close();
    return await openFile(access.path, { blocking: true });
  };
  return { name: files.name, list: () => files.list(), open };
}

const WEIGHTS = /\.(?:safetensors|bin|pt|pth|index\.json)$/i;

/**
 * Finds a model as {@link resolveModel} does, and which files of it hold the weights that are meant. A file of weights on disk
 * is taken too: it stands for its folder, without the other models that may be in it.
 * @throws what {@link resolveModel} throws.
 */
export async function resolveWeights(spec: string, options: HubOptions = {}): Promise<ModelWeights> {
  if (WEIGHTS.test(spec)) {
    const path = resolve(spec);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile() === true) {
      const source = await resolveModel(dirname(path), options);
      return { source, weights: onlyModelOf(source.files, basename(path)) };
    }
  }
  const source = await resolveModel(spec, options);
  const file = source.kind === "folder" ? undefined : source.file;
  return { source, weights: file === undefined ? source.files : onlyModelOf(source.files, file) };
}
