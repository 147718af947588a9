// npm run bench [-- name …] [--megabytes N]
// Runs the benchmarks named, or all, and prints each figure beside what was measured in the same run. Nothing here passes or
// fails: machines differ, and a time is no fact about the code.

import { execFileSync } from "node:child_process";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { globSync } from "tinyglobby";
import { ensureChromium, ensureHost } from "../host/install.mjs";
import { bundle, root } from "../support/bundle.mjs";
import { stageExtension } from "../support/stage.mjs";

process.chdir(root);
const { positionals, values } = parseArgs({ allowPositionals: true, options: { megabytes: { type: "string", default: "500" } } });
execFileSync(process.execPath, ["esbuild.mjs", "--production"], { stdio: "ignore" });
for (const entry of globSync("bench/*.bench.ts", { cwd: path.join(root, "test") }).sort()) {
  const name = path.basename(entry, ".bench.ts");
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`\n${name}`);
  const [file] = await bundle([entry]);
  const { bench } = await import(pathToFileURL(file).href);
  await bench({ megabytes: Number(values.megabytes), hostBundles, nodeBundles: bundle });
}
process.exit();

/** Prepares the editor and bundles what runs inside its extension host: the test index and the module named. */
async function hostBundles(module) {
  await ensureHost();
  await ensureChromium();
  stageExtension();
  return await bundle(["integration/index.ts", module], "cjs");
}
