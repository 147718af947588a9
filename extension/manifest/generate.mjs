// npm run generate: writes the manifest's contributions, package.nls.json and the page of the rules from the tables here.

import { Buffer } from "node:buffer";
import { readFile, writeFile } from "node:fs/promises";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const folder = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(folder, "..", "..");

async function loadGenerator() {
  const entry = `export * from "./generate"; export { ALL_RULES } from "../core/rules/registry";`;
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: folder, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    write: false,
    logLevel: "warning",
  });
  return await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
}

const { generateManifest, ALL_RULES, RULES_PAGE } = await loadGenerator();
const { manifest, texts, rulesPage } = generateManifest(ALL_RULES);
const manifestFile = path.join(root, "package.json");
const current = JSON.parse(await readFile(manifestFile, "utf8"));
await writeFile(manifestFile, `${JSON.stringify({ ...current, ...manifest }, undefined, 2)}\n`);
await writeFile(path.join(root, "package.nls.json"), `${JSON.stringify(texts, undefined, 2)}\n`);
await writeFile(path.join(root, RULES_PAGE), rulesPage);
