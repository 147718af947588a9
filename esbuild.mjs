// Builds dist/. `--watch` rebuilds on every change, `--production` minifies and leaves the source maps out.
// A build fails when a bundle holds what its layer must not use, or outgrows its budget: see checkBundle().

import { chmod, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
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
    // 8 kB show the cases of templates in the Testing view.
    // 10 kB talk to servers and let people choose one: waiting for the network needs no thread either.
    // 12 kB of it are the seams between its parts, which make activation half as long.
    budget: 380 * kilobyte,
    // What is loaded at activation; `import()` splits off what is loaded at its first use.
    startBudget: 110 * kilobyte,
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
    // Without the hub's client and without what reads text, which come with `import()`.
    startBudget: 150 * kilobyte,
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
 * Gives all modules VS Code's own object: `import * as` would have each of them, or with another plugin one of them, copy all
 * of its names when it is loaded, which is a good part of the activation.
 *
 * @type {import("esbuild").Plugin}
 */
const vscodeOnce = {
  name: "vscode-once",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^vscode$/ }, ({ namespace }) => (namespace === "once" ? { path: "vscode", external: true } : { path: "vscode", namespace: "once" }));
    onLoad({ filter: /^vscode$/, namespace: "once" }, () => ({ contents: 'export default require("vscode");' }));
    onLoad({ filter: /[\\/]extension[\\/]vscode[\\/].*\.ts$/ }, async ({ path: file }) => {
      const source = await readFile(file, "utf8");
      return { contents: source.replace('import * as vscode from "vscode";', 'import vscode from "vscode";'), loader: "ts" };
    });
  },
};

/**
 * Makes CommonJS of ES modules: esbuild splits nothing else, and VS Code loads nothing else without delay. Sizes in the
 * metafile are those of the result.
 */
async function toCommonJs({ outputFiles, metafile }, production) {
  for (const output of outputFiles.filter(({ path: file }) => file.endsWith(".js"))) {
    const options = { format: "cjs", platform: "node", target: "node20", minify: production, sourcemap: production ? false : "inline" };
    const { code } = await esbuild.transform(output.text, { ...options, supported: { "dynamic-import": false }, sourcefile: path.basename(output.path) });
    output.contents = Buffer.from(code);
    const listed = metafile.outputs[path.relative(root, output.path).replaceAll(path.sep, "/")];
    listed.bytes = output.contents.length;
  }
}

/**
 * Writes a bundle in parts, and removes those of earlier builds.
 *
 * @returns {import("esbuild").Plugin}
 */
function inParts(name, production, write) {
  return {
    name: "in-parts",
    setup({ onEnd }) {
      onEnd(async (result) => {
        if (result.errors.length > 0) return;
        await toCommonJs(result, production);
        if (!write) return;
        const dist = path.join(root, "dist");
        const files = result.outputFiles.map((output) => path.basename(output.path));
        await mkdir(dist, { recursive: true });
        for (const [i, file] of files.entries()) await writeFile(path.join(dist, file), result.outputFiles[i].contents);
        const isOld = (file) => (file.startsWith(`${name}-`) || file === `${name}.js.map`) && !files.includes(file);
        for (const file of await readdir(dist)) if (isOld(file)) await rm(path.join(dist, file));
      });
    },
  };
}

/** @returns {import("esbuild").BuildOptions} */
function buildOptions(bundle, production, write = true) {
  const usual = usualOptions(bundle, production);
  if (bundle.startBudget === undefined) return { ...usual, outfile: `dist/${bundle.name}.js`, write };
  return {
    ...usual,
    format: "esm",
    splitting: true,
    outdir: "dist",
    entryNames: bundle.name,
    chunkNames: `${bundle.name}-[hash]`,
    sourcemap: production ? false : "inline",
    plugins: [...usual.plugins, inParts(bundle.name, production, write)],
    write: false,
  };
}

function usualOptions(bundle, production) {
  return {
    absWorkingDir: root,
    entryPoints: [bundle.entry],
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
  const { metafile } = production ? result : await esbuild.build(buildOptions(bundle, true, false));
  const sizes = [sizeProblem(bundle, "", sizeOf(metafile), bundle.budget)];
  if (bundle.startBudget !== undefined) sizes.push(sizeProblem(bundle, " at its start", startSizeOf(metafile, bundle), bundle.startBudget));
  return [...sizes.filter((problem) => problem !== undefined), ...checkBundle(bundle, result.metafile)].map((problem) => `dist/${bundle.name}.js: ${problem}`);
}

function sizeProblem({ name }, what, size, budget) {
  console.log(`dist/${name}.js${what}  ${formatSize(size)} minified, ${Math.round((size / budget) * 100)}% of its budget`);
  return size > budget ? `It is ${formatSize(size)} minified${what}; its budget is ${formatSize(budget)}.` : undefined;
}

/** The script with its parts and, for a page, its style sheet. */
function sizeOf({ outputs }) {
  return Object.entries(outputs).reduce((size, [file, { bytes }]) => size + (file.endsWith(".map") ? 0 : bytes), 0);
}

/** The script, and the parts that are loaded with it. */
function startSizeOf({ outputs }, { name }) {
  const loaded = new Set([`dist/${name}.js`]);
  for (const file of loaded) for (const { path: part, kind, external } of outputs[file].imports) if (kind === "import-statement" && external !== true) loaded.add(part);
  return [...loaded].reduce((size, file) => size + outputs[file].bytes, 0);
}

/** What esbuild calls the functions of its own that it writes into a bundle. */
const ESBUILD_HELPERS = "<runtime>";

/** Says in sentences what is wrong with a bundle. The lint rules forbid the same imports; this also sees what packages bring. */
function checkBundle(bundle, metafile) {
  const problems = [];
  for (const [file, input] of Object.entries(metafile.inputs)) {
    const layer = /^extension\/([^/]+)\//.exec(file)?.[1];
    if (layer !== undefined && !bundle.layers.includes(layer)) problems.push(`It holds ${file}; extension/${layer} does not belong in it.`);
    const folder = /^webview\/([^/]+)\//.exec(file)?.[1];
    if (folder !== undefined && !bundle.pages?.includes(folder)) problems.push(`It holds ${file}; webview/${folder} does not belong in it.`);
    for (const { path: module, external } of input.imports) {
      const problem = external && module !== ESBUILD_HELPERS ? importProblem(bundle, module) : undefined;
      if (problem !== undefined) problems.push(`${file} imports '${module}': ${problem}`);
    }
  }
  return problems;
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
