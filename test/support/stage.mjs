import { cpSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import { globSync } from "tinyglobby";
import { root } from "./bundle.mjs";

/**
 * Copies the files that are packaged, and no others, to out/extension, so that the tests see what people install: a file
 * that is missing in the package is missing here. It also keeps the extension apart from test/host: VS Code's server does
 * not start the extension host properly when its own built-in extensions lie inside a development extension.
 */
export function stageExtension() {
  const folder = path.join(root, "out", "extension");
  rmSync(folder, { recursive: true, force: true });
  for (const file of globSync(packagedPatterns(), { cwd: root, ignore: ["out/**", "node_modules/**"] })) {
    cpSync(path.join(root, file), path.join(folder, file));
  }
  return folder;
}

/** The allow-list of .vscodeignore: its lines that begin with "!". */
function packagedPatterns() {
  const lines = readFileSync(path.join(root, ".vscodeignore"), "utf8").split("\n");
  return lines.filter((line) => line.startsWith("!")).map((line) => line.slice(1).trim());
}
