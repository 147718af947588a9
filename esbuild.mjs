// Builds dist/. `--watch` rebuilds on every change, `--production` minifies and leaves the source maps out.
// A build fails when a bundle holds what its layer must not use, or outgrows its budget: see checkBundle().

import { chmod, rm } from "node:fs/promises";
import { builtinModules } from "node:module";
import * as path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = path.dirname(fileURLToPath(import.meta.url));
const kilobyte = 1000;

/** The pages of webviews, which are folders of webview/. */
const pages = ["prompt", "playground"];

/**
 * Every bundle with the layers below extension/ that it may hold, the packages that are there at run time, and its size
 * limit when minified. A budget is a promise about start-up time and download size: raise it knowingly, and say why.
 */
const bundles = [
  {
    name: "extension",
    entry: "extension/vscode/extension.ts",
    layers: ["vscode", "manifest", "node", "core", "protocol", "base"],
    external: ["vscode"],
    // 100 kB of it read templates: their parser, the names in them and their documentation answer at every key, without a thread.
    // 10 kB talk to servers and let people choose one: waiting for the network needs no thread either.
    budget: 350 * kilobyte,
  },
  {
    name: "worker",
    entry: "extension/worker/worker.ts",
    layers: ["worker", "node", "core", "protocol", "base"],
    external: [],
    // It loads models from wherever they are: the hub's client and the readers of GGUF and SentencePiece files are in it.
    budget: 1100 * kilobyte,
  },
  {
    // What it lacks of the other threads' bundle is what makes it start sooner.
    name: "weights",
    entry: "extension/worker/weights.ts",
    layers: ["worker", "node", "core", "protocol", "base"],
    external: [],
    budget: 400 * kilobyte,
  },
  {
    // These measure rows and nothing else, so that they begin as soon as the first row is known.
    name: "rows",
    entry: "extension/worker/rows.ts",
    layers: ["worker", "node", "core", "protocol", "base"],
    external: [],
    budget: 60 * kilobyte,
  },
  {
    // The engines' packages hold native code, and are loaded when a model needs them. Most of this is tokenizers, for the text.
    name: "sidecar",
    entry: "extension/sidecar/main.ts",
    layers: ["sidecar", "node", "core", "protocol", "base"],
    external: ["onnxruntime-node", "node-llama-cpp"],
    budget: 550 * kilobyte,
  },
  {
    name: "cli",
    entry: "extension/cli/main.ts",
    layers: ["cli", "node", "core", "protocol", "base"],
    external: [],
    budget: 900 * kilobyte,
    executable: true,
  },
  ...pages.map(bundleOfPage),
];

/** A page of a webview: a script for the browser, and the style sheet that it imports. */
function bundleOfPage(name) {
  return {
    name: `webview/${name}`,
    entry: `webview/${name}/main.ts`,
    browser: true,
    layers: ["core", "protocol", "base"],
    pages: [name, "shared"],
    external: [],
    budget: 250 * kilobyte,
  };
}

/** What needs a server, a debugger or a second process is added here when a feature does; nothing else may bring it in. */
const allowedBuiltins = new Set([
  ...["assert", "async_hooks", "buffer", "child_process", "crypto", "events", "fs", "fs/promises", "module", "os", "path", "perf_hooks", "process"],
  ...["readline", "stream", "stream/promises", "string_decoder", "timers", "timers/promises", "tty", "url", "util", "worker_threads", "zlib"],
]);

/** Modules that only one bundle may import, whatever its `external` says. */
const ownedModules = new Map([
  ["vscode", "extension"],
  ["onnxruntime-node", "sidecar"],
  ["node-llama-cpp", "sidecar"],
]);

/**
 * Lets all modules share one copy of VS Code's names: esbuild would have each of them copy all of these when it is loaded,
 * which is a good part of the activation.
 *
 * @type {import("esbuild").Plugin}
 */
const vscodeOnce = {
  name: "vscode-once",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ namespace }) => (namespace === "once" ? { path: "vscode", external: true } : { path: "vscode", namespace: "once" }));
    onLoad({ filter: /^vscode$/, namespace: "once" }, () => ({ contents: 'export * from "vscode";' }));
  },
};

/** @returns {import("esbuild").BuildOptions} */
function buildOptions(bundle, production) {
  return {
    absWorkingDir: root,
    entryPoints: [bundle.entry],
    outfile: `dist/${bundle.name}.js`,
    bundle: true,
    // The workbench also runs in browsers, where webviews meet what the users have.
    ...(bundle.browser ? { format: "iife", platform: "browser", target: "es2022" } : { format: "cjs", platform: "node", target: "node20" }),
    external: bundle.external,
    plugins: bundle.external.includes("vscode") ? [vscodeOnce] : [],
    minify: production,
    sourcemap: !production,
    metafile: true,
    banner: bundle.executable ? { js: "#!/usr/bin/env node" } : {},
    logLevel: "warning",
    logOverride: { "import-is-undefined": "error" },
  };
}

async function buildBundle(bundle, production) {
  const result = await esbuild.build(buildOptions(bundle, production));
  if (bundle.executable) await chmod(path.join(root, "dist", `${bundle.name}.js`), 0o755);
  const size = production ? sizeOf(result) : await minifiedSize(bundle);
  const percent = Math.round((size / bundle.budget) * 100);
  console.log(`dist/${bundle.name}.js  ${formatSize(size)} minified, ${percent}% of its budget`);
  return checkBundle(bundle, result.metafile, size);
}

async function minifiedSize(bundle) {
  return sizeOf(await esbuild.build({ ...buildOptions(bundle, true), write: false }));
}

/** The script and, for a page, its style sheet. */
function sizeOf(result) {
  const outputs = Object.entries(result.metafile.outputs).filter(([file]) => !file.endsWith(".map"));
  return outputs.reduce((size, [, { bytes }]) => size + bytes, 0);
}

/** Says in sentences what is wrong with a bundle. The lint rules forbid the same imports; this also sees what packages bring. */
function checkBundle(bundle, metafile, size) {
  const problems = [];
  if (size > bundle.budget) problems.push(`It is ${formatSize(size)} minified; its budget is ${formatSize(bundle.budget)}.`);
  for (const [file, input] of Object.entries(metafile.inputs)) {
    const layer = /^extension\/([^/]+)\//.exec(file)?.[1];
    if (layer !== undefined && !bundle.layers.includes(layer)) problems.push(`It holds ${file}; extension/${layer} does not belong in it.`);
    const folder = /^webview\/([^/]+)\//.exec(file)?.[1];
    if (folder !== undefined && !bundle.pages?.includes(folder)) problems.push(`It holds ${file}; webview/${folder} does not belong in it.`);
    for (const { path: module, external } of input.imports) {
      const problem = external ? importProblem(bundle, module) : undefined;
      if (problem !== undefined) problems.push(`${file} imports '${module}': ${problem}`);
    }
  }
  return problems.map((problem) => `dist/${bundle.name}.js: ${problem}`);
}

function importProblem(bundle, module) {
  const owner = ownedModules.get(module);
  if (owner !== undefined) return owner === bundle.name ? undefined : `only dist/${owner}.js may.`;
  const builtin = module.replace(/^node:/, "");
  if (builtinModules.includes(builtin)) {
    if (bundle.browser) return "a page has no Node modules.";
    return allowedBuiltins.has(builtin) ? undefined : "this Node module is not among allowedBuiltins in esbuild.mjs.";
  }
  return bundle.external.includes(module) ? undefined : "it would be missing at run time.";
}

function formatSize(bytes) {
  return `${(bytes / kilobyte).toFixed(1)} kB`;
}

async function watch() {
  const contexts = await Promise.all(
    bundles.map((bundle) => esbuild.context({ ...buildOptions(bundle, false), logLevel: "info" })),
  );
  await Promise.all(contexts.map((context) => context.watch()));
}

async function main(args) {
  const unknown = args.find((argument) => argument !== "--watch" && argument !== "--production");
  if (unknown !== undefined) throw new Error(`Unknown option '${unknown}'. There are --watch and --production.`);
  // What is packaged must not hold files of earlier builds; otherwise dist/ may be in use by a running editor.
  if (args.includes("--production")) await rm(path.join(root, "dist"), { recursive: true, force: true });
  if (args.includes("--watch")) return await watch();
  const problems = [];
  for (const bundle of bundles) problems.push(...(await buildBundle(bundle, args.includes("--production"))));
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  // esbuild has printed its own errors, with their places.
  if (error.errors === undefined) console.error(error.message);
  console.error("The build failed.");
  process.exitCode = 1;
}
