import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { fixtureRows } from "../support/fixtures";

interface BenchOptions {
  readonly megabytes: number;
}

/** `check` without a model: megabytes a second and resident memory, beside decoding and `JSON.parse` alone on the same file. */
export async function bench({ megabytes }: BenchOptions): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "tunesmith-bench-"));
  try {
    const file = path.join(folder, "datasets.jsonl");
    writeDataset(file, megabytes * 1e6);
    const size = statSync(file).size;
    const parse = measure("decode + JSON.parse alone", size, () => parseAll(file));
    for (const jobs of [1, 2]) {
      const { seconds, rss } = await runCheck(file, jobs, folder);
      const rate = size / 1e6 / seconds;
      print(`check --jobs ${jobs}`, size, seconds, `${(rate / parse).toFixed(2)} × JSON.parse, ${Math.round(rss / 1024)} MB resident`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every row of every dataset of the fixtures, one a line, over and over up to the size. */
function writeDataset(file: string, bytes: number): void {
  const block = Buffer.from(fixtureRows().map((row) => `${row}\n`).join(""));
  const descriptor = openSync(file, "w");
  for (let written = 0; written < bytes; ) written += writeSync(descriptor, block);
  closeSync(descriptor);
}

/** What nobody can do without: read the file in pieces, find the lines, decode and parse them. */
function parseAll(file: string): void {
  const descriptor = openSync(file, "r");
  const buffer = Buffer.alloc(4 << 20);
  let kept = 0;
  for (;;) {
    const read = readSync(descriptor, buffer, kept, buffer.length - kept, null);
    const end = kept + read;
    let at = 0;
    for (let newline = buffer.indexOf(10, at); newline !== -1 && newline < end; newline = buffer.indexOf(10, at)) {
      JSON.parse(buffer.toString("utf8", at, newline));
      at = newline + 1;
    }
    buffer.copyWithin(0, at, end);
    kept = end - at;
    if (read === 0) break;
  }
  closeSync(descriptor);
}

/** Writes the largest resident size, in kilobytes, into the file that the environment names. `maxRSS` would go on from this process. */
const PRELOAD = `
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const status = "/proc/self/status";
const peak = () => (existsSync(status) ? /^VmHWM:\\s+(\\d+)/m.exec(readFileSync(status, "utf8"))[1] : process.resourceUsage().maxRSS);
process.on("exit", () => writeFileSync(process.env.BENCH_RSS, String(peak())));
`;

async function runCheck(file: string, jobs: number, folder: string): Promise<{ readonly seconds: number; readonly rss: number }> {
  const preload = path.join(folder, "preload.cjs");
  const rssFile = path.join(folder, "rss");
  writeFileSync(preload, PRELOAD);
  const args = ["--require", preload, path.resolve("dist/cli.js"), "check", "--jobs", String(jobs), "--format", "json", "--output", path.join(folder, "report.json"), file];
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, BENCH_RSS: rssFile } });
  await new Promise((resolve) => child.once("close", resolve));
  return { seconds: (performance.now() - started) / 1000, rss: Number(readFileSync(rssFile, "utf8")) };
}

/** Prints a line and returns the rate in MB/s. */
function measure(name: string, bytes: number, work: () => void): number {
  const started = performance.now();
  work();
  const seconds = (performance.now() - started) / 1000;
  print(name, bytes, seconds, "");
  return bytes / 1e6 / seconds;
}

function print(name: string, bytes: number, seconds: number, more: string): void {
  const rate = `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`;
  console.log(`  ${name.padEnd(28)}${rate.padStart(10)}  ${seconds.toFixed(1)} s  ${more}`);
}
