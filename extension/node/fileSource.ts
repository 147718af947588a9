import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { TunesmithError } from "../base/errors";
import type { FileSource } from "../core/io/ports";
import { modelNameOf } from "../core/model/modelName";
import { filesAt } from "./files";

/** `model-00002-of-00005.gguf`: what stands before the number, and what behind it. */
const PART = /^(.*?)\d{5}(-of-\d{5}(\.\w+))$/;

/**
 * The weights at a path: a model's folder, or one file. To a file that is a part of several, the others and their index
 * belong. Nothing outside of the folder can be opened.
 * @throws TunesmithError `cannot-read`, on use, where there is nothing at the path.
 */
export function fileSourceAt(path: string): FileSource {
  const root = resolve(path);
  let found: Promise<FileSource> | undefined;
  const source = (): Promise<FileSource> => (found ??= look(root));
  return {
    name: modelNameOf(root),
    list: async () => (await source()).list(),
    open: async (file) => (await source()).open(file),
  };
}

async function look(root: string): Promise<FileSource> {
  const found = await stat(root).catch((error: unknown) => {
    throw new TunesmithError("cannot-read", `Cannot read ${root}: there is no such file or folder.`, { cause: error });
  });
  if (found.isDirectory()) return filesAt(root);
  const folder = filesAt(dirname(root));
  const belongs = partsOf(basename(root));
  return {
    name: folder.name,
    list: async () => (await folder.list()).filter(belongs),
    open: (file) => (belongs(file) ? folder.open(file) : Promise.resolve(undefined)),
  };
}

/** Whether a file of the same folder belongs to the same model as this one. */
function partsOf(name: string): (file: string) => boolean {
  const part = PART.exec(name);
  if (part === null) return (file) => file === name;
  const [, stem = "", count = "", ending = ""] = part;
  const index = `${stem.replace(/-$/, "")}${ending}.index.json`;
  return (file) => {
    const other = PART.exec(file);
    return file === index || (other?.[1] === stem && other[2] === count);
  };
}
