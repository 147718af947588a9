// npm run bench [-- name …]
// Runs the benchmarks named, or all, and prints each figure beside what was measured in the same run. Nothing here passes or
// fails: machines differ, and a time is no fact about the code.

import * as path from "node:path";
import { parseArgs } from "node:util";
import { globSync } from "tinyglobby";
import { bundle, root } from "../support/bundle.mjs";
import { pathToFileURL } from "node:url";

process.chdir(root);
const { positionals, values } = parseArgs({ allowPositionals: true, options: { megabytes: { type: "string", default: "500" } } });
const entries = globSync("bench/**/*.bench.ts", { cwd: path.join(root, "test") }).sort();
for (const entry of entries) {
  const name = path.basename(entry, ".bench.ts");
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  console.log(`\n${name}`);
  const [file] = await bundle([entry]);
  const { bench } = await import(pathToFileURL(file).href);
  await bench({ megabytes: Number(values.megabytes) });
}
