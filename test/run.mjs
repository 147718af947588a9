// npm test [-- [suite …] [--grep pattern]]
// Builds, then runs the suites named, or all of them, and ends with one line that adds them up: `N passed, N failed`.

import { spawn } from "node:child_process";
import { run as runTests } from "node:test";
import { spec as SpecReporter } from "node:test/reporters";
import * as path from "node:path";
import { parseArgs } from "node:util";
import { globSync } from "tinyglobby";
import { ensureChromium, ensureHost } from "./host/install.mjs";
import { bundle, load, root } from "./support/bundle.mjs";

const minute = 60_000;
/** A whole file of tests must end within this. */
const fileTimeoutMs = { unit: 3 * minute, conformance: 10 * minute, e2e: 8 * minute };

const suites = {
  checks: runChecks,
  unit: (options) => runNodeSuite("unit", "unit/**/*.test.ts", options),
  conformance: (options) => runNodeSuite("conformance", "conformance/**/*.test.ts", options),
  integration: runIntegration,
  e2e: runEndToEnd,
};

const tally = { passed: 0, failed: 0, skipped: 0 };
const interruption = new AbortController();

async function main() {
  process.chdir(root);
  const { values, positionals } = parseArgs({ options: { grep: { type: "string" } }, allowPositionals: true });
  const unknown = positionals.find((name) => suites[name] === undefined);
  if (unknown !== undefined) throw new Error(`There is no suite '${unknown}'. There are: ${Object.keys(suites).join(", ")}.`);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interruption.abort(new Error(`Stopped by ${signal}.`)));

  heading("build");
  await runProgram("build", ["esbuild.mjs"]);
  const testsBefore = testsSoFar();
  for (const name of Object.keys(suites)) {
    if (positionals.length > 0 && !positionals.includes(name)) continue;
    interruption.signal.throwIfAborted();
    heading(name);
    await runSuite(name, { grep: values.grep });
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

async function runNodeSuite(name, pattern, { grep }, concurrency = true) {
  const entries = globSync(pattern, { cwd: path.join(root, "test") }).sort();
  if (entries.length === 0) return;
  const files = await bundle(entries);
  // The tests run in processes of their own, and their errors should name TypeScript's lines.
  process.env.NODE_OPTIONS = "--enable-source-maps";
  const stream = runTests({
    files,
    concurrency,
    timeout: fileTimeoutMs[name],
    signal: interruption.signal,
    ...(grep === undefined ? {} : { testNamePatterns: [grep] }),
  });
  const report = stream.compose((events) => countEvents(events, new Set(files), grep)).compose(new SpecReporter());
  for await (const text of report) process.stdout.write(text);
  delete process.env.NODE_OPTIONS;
}

/** Passes on what the reporter should show, and counts tests; suites count only when they fail by themselves. */
async function* countEvents(events, files, grep) {
  for await (const event of events) {
    const { name, nesting, skip, details } = event.data ?? {};
    // Node's own totals would compete with the last line.
    if (event.type === "test:diagnostic" && nesting === 0) continue;
    if (grep !== undefined && isFilteredOut(event, files)) continue;
    if (event.type === "test:pass" && files.has(name)) record("failed", `${path.relative(root, name)} holds no test`);
    else if (event.type === "test:pass" && details.type !== "suite") tally[skip === undefined ? "passed" : "skipped"]++;
    else if (event.type === "test:fail" && details.error?.failureType !== "subtestsFailed") tally.failed++;
    yield event;
  }
}

/** Older versions of Node report the tests that a pattern leaves out as skipped. */
function isFilteredOut({ type, data }, files) {
  return type === "test:pass" && (files.has(data.name) || /does not match pattern/.test(String(data.skip)));
}

async function runIntegration({ grep }) {
  if (process.env.VSCODE_EXECUTABLE === undefined) await ensureWorkbench();
  const entries = globSync("integration/**/*.itest.ts", { cwd: path.join(root, "test") }).sort();
  const [index, ...files] = await bundle(["integration/index.ts", ...entries], "cjs");
  const { runInExtensionHost } = await load("integration/runner.ts");
  for (const test of await runInExtensionHost({ index, files, grep, signal: interruption.signal })) {
    record(test.state, test.title, test.durationMs);
    if (test.error !== undefined) console.error(test.error.replaceAll(/^/gm, "    "));
  }
}

async function runEndToEnd(options) {
  await ensureWorkbench();
  // One workbench at a time: it keeps two cores busy.
  await runNodeSuite("e2e", "e2e/**/*.e2e.ts", options, 1);
}

async function ensureWorkbench() {
  await ensureHost();
  await ensureChromium();
}

/** Runs a Node program as one test: it passes when the program ends with 0, and shows its output when not. */
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
}

function record(state, title, durationMs) {
  tally[state]++;
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
