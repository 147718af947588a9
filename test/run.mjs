// npm test [-- [suite …] [--files text] [--grep pattern]]
// `--files` takes only the files whose path has the text, `--grep` only the tests whose name matches. Builds, then runs the suites named, or all of them, and ends with one line that adds them up: `N passed, N failed`.

import { spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { run as runTests } from "node:test";
import * as path from "node:path";
import { inspect, parseArgs } from "node:util";
import { globSync } from "tinyglobby";
import { ensureChromium, ensureHost } from "./host/install.mjs";
import { bundle, load, root } from "./support/bundle.mjs";
import { stageExtension } from "./support/stage.mjs";

const minute = 60_000;
/** A whole file of tests must end within this; where TUNESMITH_FULL asks for all that is otherwise sampled, later. */
const fileTimeoutMs = { unit: 3 * minute, conformance: (process.env.TUNESMITH_FULL === "1" ? 60 : 10) * minute, e2e: 8 * minute };

const suites = {
  checks: runChecks,
  unit: (options) => runNodeSuite("unit", "unit/**/*.test.ts", options),
  conformance: runConformance,
  integration: runIntegration,
  e2e: runEndToEnd,
};

/** Without a build these would test an older one. */
const needsBuild = new Set(["integration", "e2e"]);

const tally = { passed: 0, failed: 0, skipped: 0 };
const interruption = new AbortController();
// One for every test file that runs.
setMaxListeners(0, interruption.signal);

async function main() {
  process.chdir(root);
  const { values, positionals } = parseArgs({ options: { grep: { type: "string" }, files: { type: "string" } }, allowPositionals: true });
  const unknown = positionals.find((name) => suites[name] === undefined);
  if (unknown !== undefined) throw new Error(`There is no suite '${unknown}'. There are: ${Object.keys(suites).join(", ")}.`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interruption.abort(new Error(`Stopped by ${signal}.`)));

  heading("build");
  const built = await runProgram("build", ["esbuild.mjs"]);
  const testsBefore = testsSoFar();
  for (const name of Object.keys(suites)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    interruption.signal.throwIfAborted();
    heading(name);
    if (built || !needsBuild.has(name)) await runSuite(name, { grep: values.grep, files: values.files });
    else console.log("Left out, because the build failed.");
  }
  if (testsSoFar() === testsBefore) throw new Error("No test ran.");
}

/** A suite that cannot even start is a failure of its own, and no reason to leave the others out. */
async function runSuite(name, options) {
  const started = Date.now();
  const before = testsSoFar();
  try {
    await suites[name](options);
  } catch (error) {
    record("failed", `${name} could not run`);
    console.error(error instanceof Error ? error.message : error);
  }
  if (testsSoFar() === before) console.log(`No test in ${name}.`);
  console.log(`(${name}: ${((Date.now() - started) / 1000).toFixed(1)} s)`);
}

async function runChecks() {
  const tool = (name, ...file) => path.join(root, "node_modules", name, ...file);
  await Promise.all([
    runProgram("types (tsc -b)", [tool("typescript", "bin", "tsc"), "-b"]),
    runProgram("lint (eslint)", [tool("eslint", "bin", "eslint.js"), "."]),
  ]);
}

async function runNodeSuite(name, pattern, { grep, files: part }, concurrency = true) {
  const entries = testFiles(pattern, part);
  if (entries.length === 0) return;
  const files = await bundle(entries);
  // The tests run in processes of their own, and their errors should name TypeScript's lines.
  process.env.NODE_OPTIONS = "--enable-source-maps";
  // What tests load is kept below out/, not in the cache of whoever runs them.
  process.env.TUNESMITH_CACHE ??= path.join(root, "out", "cache");
  const stream = runTests({
    files,
    concurrency,
    timeout: fileTimeoutMs[name],
    signal: interruption.signal,
    ...(grep === undefined ? {} : { testNamePatterns: [grep] }),
  });
  const isFile = new Set(files);
  for await (const { type, data } of stream) {
    if (type === "test:stdout" || type === "test:stderr") process.stdout.write(data.message);
    else if (type === "test:pass" && isFile.has(data.name)) reportEmptyFile(data.name, grep);
    else if (type === "test:pass") reportPass(data, { grep, each: name === "e2e" || grep !== undefined });
    else if (type === "test:fail") reportFailure(data);
  }
  delete process.env.NODE_OPTIONS;
}

/** Node reports a file as a test of its own when no test in it ran, which is fine where a pattern left them out. */
function reportEmptyFile(file, grep) {
  if (grep === undefined) record("failed", `${path.relative(root, file)} holds no test`);
}

/** There are thousands of tests: of those that passed, a line a suite is enough unless `each` of them is asked for. */
function reportPass({ name, nesting, skip, details }, { grep, each }) {
  const isSuite = details.type === "suite";
  // Older versions of Node report the tests that a pattern leaves out as skipped.
  if (grep !== undefined && /does not match pattern/.test(String(skip))) return;
  if (!isSuite) tally[skip === undefined ? "passed" : "skipped"]++;
  const why = typeof skip === "string" ? ` (${skip})` : "";
  if (skip !== undefined) show("skipped", name + why);
  else if (nesting === 0 || (each && !isSuite)) show("passed", name, details.duration_ms);
}

/** A suite only counts when it fails by itself, in a hook; so does a test with subtests. */
function reportFailure({ name, file, line, details }) {
  const { error } = details;
  if (error?.failureType === "subtestsFailed") return;
  record("failed", name, details.duration_ms);
  if (file !== undefined) console.log(`    at ${path.relative(root, file)}:${line}`);
  console.log(inspect(error?.cause ?? error).replaceAll(/^/gm, "    "));
}

function testFiles(pattern, part = "") {
  const entries = globSync(pattern, { cwd: path.join(root, "test") });
  return entries.filter((entry) => entry.includes(part)).sort();
}

async function runConformance(options) {
  // Chromium brings the emulated GPU that WebGPU is tried on. Tests that miss it say so.
  await ensureChromium().catch((error) => console.log(error.message));
  await runNodeSuite("conformance", "conformance/**/*.test.ts", options);
}

async function runIntegration({ grep, files: part }) {
  stageExtension();
  if (process.env.VSCODE_EXECUTABLE === undefined) await ensureWorkbench();
  const entries = testFiles("integration/**/*.itest.ts", part);
  if (entries.length === 0) return;
  const [index, ...files] = await bundle(["integration/index.ts", ...entries], "cjs");
  const { runInExtensionHost } = await load("integration/runner.ts");
  const { tests, log } = await runInExtensionHost({ index, files, grep, signal: interruption.signal });
  for (const test of tests) {
    record(test.state, test.title, test.durationMs);
    if (test.error !== undefined) console.log(test.error.replaceAll(/^/gm, "    "));
  }
  if (tests.some((test) => test.state === "failed")) console.log(log);
}

/**
 * One workbench at a time, which keeps two cores busy. A server, a browser and an extension host on a busy machine may meet at
 * a bad moment: a file that fails is run once more, and its first failure stays in the output.
 */
async function runEndToEnd({ grep, files: part }) {
  stageExtension();
  await ensureWorkbench();
  for (const file of testFiles("e2e/**/*.e2e.ts", part)) {
    const before = { ...tally };
    await runNodeSuite("e2e", file, { grep }, 1);
    if (tally.failed === before.failed) continue;
    interruption.signal.throwIfAborted();
    Object.assign(tally, before);
    heading(`${file} once more, because it failed`);
    await runNodeSuite("e2e", file, { grep }, 1);
    if (tally.failed === before.failed) console.log(`Unsteady: ${file} failed at first, and passed the second time.`);
  }
}

async function ensureWorkbench() {
  await ensureHost();
  await ensureChromium();
}

/** Runs a Node program as one test, which passes when the program ends with 0. Its output is shown when it does not. */
async function runProgram(title, args) {
  const started = Date.now();
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], signal: interruption.signal });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", resolve);
  });
  record(code === 0 ? "passed" : "failed", title, Date.now() - started);
  if (code !== 0 || title === "build") process.stdout.write(output);
  return code === 0;
}

function record(state, title, durationMs) {
  tally[state]++;
  show(state, title, durationMs);
}

function show(state, title, durationMs) {
  const sign = { passed: "✔", failed: "✖", skipped: "﹣" }[state];
  console.log(`${sign} ${title}${durationMs === undefined ? "" : ` (${Math.round(durationMs)} ms)`}`);
}

function testsSoFar() {
  return tally.passed + tally.failed + tally.skipped;
}

function heading(name) {
  console.log(`\n── ${name}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  tally.failed++;
}
console.log(`\n${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`);
process.exit(tally.failed > 0 ? 1 : 0);
