import type { Dirent } from "node:fs";
import { usageError } from "./options";

/** The entries of a folder; none where there is no such folder. */
export type ListFolder = (path: string) => Promise<readonly Dirent[]>;

/** How names are compared. */
export interface GlobOptions {
  readonly list: ListFolder;
  readonly ignoreCase: boolean;
}

/** Whether a path is a pattern: holds `*`, `?`, `[…]` or `{…}`. */
export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path);
}

/**
 * The paths that match a pattern with `/` separators, as a shell would give them: `*` and `?` stay within a name, `**`
 * stands for any folders, `[…]` for a character and `{a,b}` for alternatives. Names with a leading dot need one in the
 * pattern; `**` enters neither links, so that it ends, nor node_modules. Folders are among the results, and a path may be
 * there twice.
 *
 * @throws TunesmithError `usage` for a pattern that means nothing, such as `[z-a]`.
 */
export async function expandPattern(pattern: string, options: GlobOptions): Promise<string[]> {
  const found: string[] = [];
  for (const alternative of expandBraces(pattern)) {
    const root = /^(?:[A-Za-z]:)?\//.exec(alternative)?.[0] ?? "";
    const segments = alternative.slice(root.length).split("/").filter((segment) => segment !== "" && segment !== ".");
    // "data/**" means the files below, not the folders.
    if (segments.at(-1) === "**") segments.push("*");
    found.push(...(await match(root, segments, options)));
  }
  return found;
}

function expandBraces(pattern: string): string[] {
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (braces === null) return [pattern];
  const after = pattern.slice(braces.index + braces[0].length);
  return (braces[1] ?? "").split(",").flatMap((choice) => expandBraces(pattern.slice(0, braces.index) + choice + after));
}

/** What matches below `folder`, which is empty for the working directory and else ends with a slash. */
async function match(folder: string, segments: readonly string[], options: GlobOptions): Promise<string[]> {
  const [segment, ...rest] = segments;
  if (segment === undefined) return [];
  if (segment === "**") return matchAnyDepth(folder, segments, options);
  const names = isGlob(segment) ? await matchingNames(folder, segment, options) : [segment];
  if (rest.length === 0) return names.map((name) => folder + name);
  const found: string[] = [];
  for (const name of names) found.push(...(await match(`${folder}${name}/`, rest, options)));
  return found;
}

async function matchAnyDepth(folder: string, segments: readonly string[], options: GlobOptions): Promise<string[]> {
  const found = await match(folder, segments.slice(1), options);
  for (const entry of await options.list(folder)) {
    if (!entry.isDirectory() || entry.name.startsWith(".") || entry.name === "node_modules") continue;
    found.push(...(await match(`${folder}${entry.name}/`, segments, options)));
  }
  return found;
}

async function matchingNames(folder: string, segment: string, options: GlobOptions): Promise<string[]> {
  const expression = nameExpression(segment, options.ignoreCase);
  const names = (await options.list(folder)).map((entry) => entry.name);
  return names.filter((name) => expression.test(name) && (segment.startsWith(".") || !name.startsWith(".")));
}

function nameExpression(segment: string, ignoreCase: boolean): RegExp {
  const source = segment.replace(/\*+|\?|\[([!^]?)([^\]]+)\]|[\\^$.|+()[\]{}/-]/g, (part, negation: string | undefined, characters: string | undefined) => {
    if (part.startsWith("*")) return ".*";
    if (part === "?") return ".";
    if (characters === undefined) return `\\${part}`;
    return `[${negation === "" ? "" : "^"}${characters.replace(/[\\\]^[]/g, "\\$&")}]`;
  });
  try {
    return new RegExp(`^${source}$`, ignoreCase ? "isu" : "su");
  } catch {
    throw usageError(`The pattern ${segment} means nothing. Check its brackets.`);
  }
}
