import { rm } from "node:fs/promises";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");

/**
 * Bundles TypeScript below test/ into out/test/, one file an entry, and returns the bundles' paths in the entries' order.
 * Packages stay outside the bundles, so that a test uses what is installed.
 *
 * @param {readonly string[]} entries paths below test/, with forward slashes
 * @param {"esm" | "cjs"} format
 */
export async function bundle(entries, format = "esm") {
  const extension = format === "esm" ? ".mjs" : ".js";
  const outputs = entries.map((entry) => path.join(root, "out", "test", entry.replace(/\.ts$/, extension)));
  await Promise.all(outputs.map((output) => rm(output, { force: true })));
  await build({
    absWorkingDir: root,
    entryPoints: entries.map((entry) => path.join("test", entry)),
    outbase: "test",
    outdir: path.join("out", "test"),
    outExtension: { ".js": extension },
    bundle: true,
    format,
    platform: "node",
    target: "node20",
    packages: "external",
    external: ["vscode"],
    sourcemap: true,
    logLevel: "warning",
  });
  return outputs;
}

/** Bundles one module below test/ and imports it. */
export async function load(entry) {
  const [output] = await bundle([entry]);
  return await import(pathToFileURL(output).href);
}
