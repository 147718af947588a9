import { isAbsolute, relative, resolve, sep } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Where paths of a report start that a code host reads: the checkout on GitHub, which need not be the working directory,
 * else the working directory.
 */
export function reportRoot(cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const workspace = env.GITHUB_WORKSPACE;
  return workspace === undefined || workspace === "" ? cwd : workspace;
}

/** The path below `root` with `/` separators, or undefined when it lies elsewhere. */
export function pathBelow(root: string, cwd: string, path: string): string | undefined {
  const inside = relative(root, resolve(cwd, path));
  // Between two drives of Windows there is no relative path.
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside.split(sep).join("/");
}

/** The path as a URI reference relative to `root`, percent-encoded; a file URI when it lies elsewhere. */
export function uriOf(root: string, cwd: string, path: string): string {
  const inside = pathBelow(root, cwd, path);
  if (inside === undefined) return pathToFileURL(resolve(cwd, path)).href;
  // encodeURIComponent throws on lone surrogates, which names of files on Windows may hold.
  return inside.split("/").map((part) => encodeURIComponent(part.replace(/\p{Cs}/gu, "\ufffd"))).join("/");
}
