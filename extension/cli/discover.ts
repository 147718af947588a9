import { constants, type Dirent } from "node:fs";
import { access, readdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { codeOf, messageOf, TunesmithError } from "../base/errors";
import { expandPattern, isGlob } from "./glob";
import { usageError } from "./options";

const DATASET = /\.(?:jsonl|ndjson|json|txt)$/i;

/** Files with a dataset's extension that are something else by convention: projects, model folders, notes. */
const NOT_A_DATASET = new RegExp(
  `^(?:${[
    "package\\.json",
    "package-lock\\.json",
    "[tj]sconfig.*\\.json",
    "tokenizer.*\\.json",
    "(?:.*_)?config\\.json",
    "special_tokens_map\\.json",
    "added_tokens\\.json",
    "vocab\\.(?:json|txt)",
    "merges\\.txt",
    "chat_template\\.json",
    ".*\\.index\\.json",
    "dataset_info\\.json",
    "trainer_state\\.json",
    "requirements.*\\.txt",
    "licen[sc]e.*",
    "readme.*",
    "cmakelists\\.txt",
  ].join("|")})$`,
  "i",
);

/** Where and how to look. */
export interface DiscoverOptions {
  readonly cwd: string;
  readonly platform: string;
  /** The report's file: never checked, and refused where it is named as a file to check. */
  readonly output: string | undefined;
}

/**
 * The files that the arguments of a command name, in natural order (`part-2` before `part-10`), each once however many
 * names it has. Paths are relative where the argument was, with `/` on every platform.
 *
 * @throws TunesmithError `usage` for what does not exist or holds nothing to check; `unreadable` for what may not be read.
 */
export async function discoverFiles(args: readonly string[], options: DiscoverOptions): Promise<string[]> {
  const output = options.output === undefined ? undefined : await identity(resolve(options.cwd, options.output));
  const byIdentity = new Map<string, string>();
  for (const argument of args) {
    for (const path of await expand(argument, output, options)) {
      const absolute = resolve(options.cwd, path);
      await access(absolute, constants.R_OK).catch(rethrowFor(path));
      const id = await identity(absolute);
      if (!byIdentity.has(id)) byIdentity.set(id, path);
    }
  }
  return [...byIdentity.values()].sort(naturalOrder);
}

async function expand(argument: string, output: string | undefined, options: DiscoverOptions): Promise<string[]> {
  const path = withSlashes(argument, options.platform);
  const absolute = resolve(options.cwd, argument);
  const status = await stat(absolute).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    return rethrowFor(path)(error);
  });
  if (status === undefined) return expandGlob(argument, output, options);
  if (status.isFile()) {
    if ((await identity(absolute)) === output) throw usageError(`--output would overwrite ${path}, which is to be checked. Choose another file.`);
    return [path];
  }
  if (!status.isDirectory()) throw usageError(`${path} is no regular file. Save its content to a file and check that.`);
  const files = await without(output, await walk(absolute, path, new Set()), options);
  if (files.length === 0) throw usageError(`The folder ${path} holds no dataset (.jsonl, .ndjson, .json, .txt). Name the files, or another folder.`);
  return files;
}

/** For shells that leave globs to the program (Windows), and for quoted ones. A file whose name looks like a glob never gets here. */
async function expandGlob(argument: string, output: string | undefined, options: DiscoverOptions): Promise<string[]> {
  const pattern = withSlashes(argument, options.platform);
  if (!isGlob(pattern)) throw usageError(`There is no file or folder ${pattern}. Check the path.`);
  const list = (folder: string): Promise<Dirent[]> => listFolder(resolve(options.cwd, folder), folder);
  const matches = await expandPattern(pattern, { list, ignoreCase: options.platform === "win32" });
  const found: string[] = [];
  for (const path of matches) if (await isFile(resolve(options.cwd, path))) found.push(path);
  const files = await without(output, found, options);
  if (files.length === 0) throw usageError(`No file matches ${pattern}. Check the pattern.`);
  return files;
}

async function isFile(path: string): Promise<boolean> {
  const status = await stat(path).catch(() => undefined);
  return status?.isFile() === true;
}

async function listFolder(path: string, shown: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (isMissing(error)) return [];
    return rethrowFor(shown)(error);
  });
}

/** The datasets below a folder. `seen` holds the real paths of the folders that were entered: links may form loops. */
async function walk(folder: string, shown: string, seen: Set<string>): Promise<string[]> {
  const real = await realpath(folder).catch(rethrowFor(shown));
  if (seen.has(real)) return [];
  seen.add(real);
  const files: string[] = [];
  for (const entry of await listFolder(folder, shown)) {
    const path = join(folder, entry.name);
    const name = shown === "." ? entry.name : `${shown.replace(/\/+$/, "")}/${entry.name}`;
    // A link that leads nowhere is not ours to complain about: nobody named it.
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
    if (kind?.isDirectory() === true) {
      if (!entry.name.startsWith(".") && entry.name !== "node_modules") files.push(...(await walk(path, name, seen)));
    } else if (kind?.isFile() === true && DATASET.test(entry.name) && !entry.name.startsWith(".") && !NOT_A_DATASET.test(entry.name)) {
      files.push(name);
    }
  }
  return files;
}

async function without(output: string | undefined, files: readonly string[], options: DiscoverOptions): Promise<string[]> {
  if (output === undefined) return [...files];
  const kept: string[] = [];
  for (const file of files) if ((await identity(resolve(options.cwd, file))) !== output) kept.push(file);
  return kept;
}

/** What is the same for two names of one file: its real path, or the path itself where there is no file yet. */
async function identity(absolute: string): Promise<string> {
  return realpath(absolute).catch(() => absolute);
}

function withSlashes(path: string, platform: string): string {
  return platform === "win32" ? path.replaceAll("\\", "/") : path;
}

function isMissing(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR" || code === "EINVAL" || code === "ENAMETOOLONG";
}

function rethrowFor(path: string): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    if (code === "EACCES" || code === "EPERM") {
      throw new TunesmithError("unreadable", `${path} may not be read: permission denied. Give yourself read access to it.`, { cause: error });
    }
    if (code === "ELOOP") throw new TunesmithError("unreadable", `${path} is a link that leads back to itself. Remove it.`, { cause: error });
    throw new TunesmithError("unreadable", `${path} cannot be read: ${messageOf(error)}.`, { cause: error });
  };
}

// A fixed locale: the order of a report must not depend on who runs it.
const collator = new Intl.Collator("en", { numeric: true });

function naturalOrder(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : Number(a > b));
}
