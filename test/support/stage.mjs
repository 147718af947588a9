import { cpSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { root } from "./bundle.mjs";

/**
 * Copies the files that are packaged, and no others, to out/extension, so that the tests see what people install: a file
 * that is missing in the package is missing here. It also keeps the extension apart from test/host: VS Code's server does
 * not start the extension host properly when its own built-in extensions lie inside a development extension.
 */
export function stageExtension(folder = path.join(root, "out", "extension")) {
  rmSync(folder, { recursive: true, force: true });
  const { wanted, ignored } = packagedPatterns();
  for (const file of globSync(wanted, { cwd: root, ignore: ["out/**", "node_modules/**", ...ignored] })) {
    cpSync(path.join(root, file), path.join(folder, file));
  }
  return folder;
}

/** The allow-list of .vscodeignore: its lines that begin with "!", and those behind that take something of it away again. */
function packagedPatterns() {
  const [, ...lines] = readFileSync(path.join(root, ".vscodeignore"), "utf8").split("\n").filter((line) => line.trim() !== "");
  return {
    wanted: lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1).trim()),
    ignored: lines.filter((line) => !line.startsWith("!")),
  };
}
