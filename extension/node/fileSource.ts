import type { FileSource } from "../core/io/ports";

/** `model-00002-of-00005.gguf`: what stands before the number, and what behind it. */
const PART = /^(.*?)\d{5}(-of-\d{5}(\.\w+))$/;

/**
 * Of a folder's files, those that belong to one model: the file named, or where that is a part of several, the others and
 * their index. An index stands for all files that it names. No other model of the folder is seen.
 */
export function onlyModelOf(folder: FileSource, file: string): FileSource {
  // Which files an index names is not known here: none is listed, and each can be opened.
  const isIndex = file.endsWith(".index.json");
  const belongs = partsOf(file);
  return {
    name: folder.name,
    list: async () => (await folder.list()).filter(belongs),
    open: (name) => (isIndex || belongs(name) ? folder.open(name) : Promise.resolve(undefined)),
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
