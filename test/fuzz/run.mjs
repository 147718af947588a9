// npm run fuzz -- [weights] [--minutes N] [--seed N] [--cases N]
// With `weights`, changes files of weights at random and reads them; see weights.ts. Else renders random templates with our engine and with Jinja2 on CPython, which PYTHON may name, and reports what differs. The
// differing cases, made small, are in out/fuzz/. Not a part of the tests: it needs Python, and never ends by itself.

import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { bundle, root } from "../support/bundle.mjs";

process.chdir(root);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: "string", default: "5" }, seed: { type: "string" }, cases: { type: "string" } },
});
const seed = values.seed === undefined ? Date.now() % 1_000_000_007 : Number(values.seed);
console.log(`seed ${seed}`);
const [file] = await bundle([path.posix.join("fuzz", positionals[0] === "weights" ? "weights.ts" : "fuzz.ts")]);
const { fuzz } = await import(pathToFileURL(file).href);
const kinds = await fuzz({ minutes: Number(values.minutes), seed, cases: values.cases === undefined ? undefined : Number(values.cases) });
process.exit(kinds > 0 ? 1 : 0);
