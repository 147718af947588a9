// npm run package [-- target …]
// Packs the extension for each target into out/vsix: `linux-x64` with the engines that run models, `universal` without them,
// for every other machine. Both hold only what .vscodeignore allows.

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { globSync } from "tinyglobby";
import { root } from "../support/bundle.mjs";
import { stageExtension } from "../support/stage.mjs";

const here = path.join(root, "test", "package");
const modules = path.join(root, "node_modules");

/** The targets, and what of the engines' packages each needs. */
const targets = {
  "linux-x64": {
    onnxruntime: "bin/napi-v6/linux/x64",
    llama: ["@node-llama-cpp/linux-x64", "@node-llama-cpp/linux-x64-vulkan"],
  },
  universal: undefined,
};

/**
 * CPU variants that a package with a GPU backend does without: there the CPU only helps out, and llama.cpp takes the best
 * that is left. The package without a GPU backend has them all.
 */
const VARIANTS_WITHOUT_GPU_ONLY = /libggml-cpu-(alderlake|cannonlake|cascadelake|cooperlake|ivybridge|piledriver|sapphirerapids|sse42)\.so$/;

/** Packs one target, and returns the file. */
export async function packExtension(target) {
  if (!Object.hasOwn(targets, target)) throw new Error(`There is no target '${target}'. There are: ${Object.keys(targets).join(", ")}.`);
  await run(process.execPath, ["esbuild.mjs", "--production"], root);
  const folder = stageExtension(path.join(root, "out", "vsix", target));
  writeManifest(folder);
  const engines = targets[target];
  if (engines === undefined) {
    // Files that only the engines read.
    for (const file of ["onnx", "model.gguf"]) rmSync(path.join(folder, "extension", "assets", "model", file), { recursive: true, force: true });
  } else copyEngines(engines, path.join(folder, "dist", "node_modules"));
  const { version } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8"));
  const file = path.join(root, "out", "vsix", `tunesmith-${target}-${version}.vsix`);
  await installVsce();
  const vsce = path.join(here, "node_modules", "@vscode", "vsce", "vsce");
  const forTarget = target === "universal" ? [] : ["--target", target];
  const options = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links", "--skip-license", ...forTarget];
  await run(process.execPath, [vsce, "package", ...options, "-o", file], folder);
  return file;
}

/** What is only of use in a checkout is left out of the manifest. */
function writeManifest(folder) {
  const file = path.join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(file, "utf8"));
  for (const part of ["scripts", "dependencies", "devDependencies", "overrides"]) delete manifest[part];
  writeFileSync(file, `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The engines' packages go beside the sidecar's bundle, where Node finds them: they hold native code and cannot be bundled. */
function copyEngines({ onnxruntime, llama }, target) {
  copyPackage("onnxruntime-node", target, (file) => file.startsWith("dist/") || file.startsWith(onnxruntime));
  copyPackage("onnxruntime-common", target, isCode);
  for (const folder of closureOf("node-llama-cpp")) copyPackage(folder, target, isCode);
  for (const name of llama) copyPackage(name, target, (file) => !(name.endsWith("-vulkan") && VARIANTS_WITHOUT_GPU_ONLY.test(file)));
  // What the main package says of its binaries, without the sources to build them from.
  copyPackage("node-llama-cpp", target, (file) => /^llama\/[^/]+\.json$|^llama\/grammars\//.test(file));
}

const isCode = (file) => /\.(js|mjs|cjs|json|node)$/.test(file) && !/(^|\/)(test|tests|docs|examples|templates|llama)\//.test(file);

/** The folders below node_modules of a package and of all that it depends on. */
function closureOf(name) {
  const found = new Set();
  const add = (folder) => {
    if (found.has(folder)) return;
    found.add(folder);
    const { dependencies = {} } = JSON.parse(readFileSync(path.join(modules, folder, "package.json"), "utf8"));
    for (const dependency of Object.keys(dependencies)) {
      const resolved = resolveFrom(folder, dependency);
      if (resolved !== undefined) add(resolved);
    }
  };
  add(name);
  return found;
}

/** Where Node finds `name` when a file of the package in `folder` asks for it, below node_modules. */
function resolveFrom(folder, name) {
  for (let at = folder; ; at = path.dirname(at)) {
    const nested = at === "." ? name : path.join(at, "node_modules", name);
    if (existsSync(path.join(modules, nested, "package.json"))) return nested;
    if (at === ".") return undefined;
  }
}

/** Copies those files of a package that `wanted` accepts, with its manifest and licence. Nested packages are packages of their own. */
function copyPackage(folder, target, wanted) {
  const from = path.join(modules, folder);
  for (const file of globSync("**", { cwd: from, dot: true, ignore: ["node_modules/**"] })) {
    const always = file === "package.json" || /^licen[cs]e/i.test(file);
    if (always || wanted(file)) cpSync(path.join(from, file), path.join(target, folder, file));
  }
}

async function installVsce() {
  const stamp = path.join(here, "node_modules", ".package-lock.json");
  const lock = path.join(here, "package-lock.json");
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= statSync(lock).mtimeMs) return;
  await run("npm", ["ci", "--ignore-scripts", "--loglevel=error"], here);
}

/** Runs a program; its output is shown only when it fails. */
async function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`'${command} ${args.join(" ")}' ended with ${code}.\n${output.trimEnd()}`);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  process.chdir(root);
  mkdirSync(path.join(root, "out", "vsix"), { recursive: true });
  for (const target of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(targets)) {
    const file = await packExtension(target);
    console.log(`${path.relative(root, file)}  ${(statSync(file).size / 1e6).toFixed(1)} MB`);
  }
}
