import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { runInExtensionHost } from "../integration/runner";
import { temporaryFolder } from "../support/cleanup";
import type { EditorFigures } from "./editor/inHost";
import type { OpeningFigures } from "./editor/opening";
import type { Turn } from "./editor/turns";

interface BenchOptions {
  /** Bundles the test index and a module to run in the extension host, and gives both files. */
  readonly hostBundles: (module: string) => Promise<readonly [string, string]>;
}

/** What the extension costs the editor: activation, opening a 10 MB dataset, and an edit in it. */
export async function bench({ hostBundles }: BenchOptions): Promise<void> {
  console.log(`  ${os.cpus().length} cores, load ${os.loadavg()[0]?.toFixed(1) ?? "?"}`);
  const figures = await inHost<EditorFigures>(await hostBundles("bench/editor/inHost.ts"), "out/bench-editor.json");
  const at = (share: number): number => figures.edits[Math.min(figures.edits.length - 1, Math.floor(figures.edits.length * share))] ?? 0;
  const { load, call } = figures.activation;
  print("activation", load + call, `${load.toFixed(1)} ms to load the code, ${call.toFixed(1)} ms in activate()`);
  print("activation, asked to active", figures.activated, `${(figures.activated / figures.otherActivated).toFixed(2)} × an extension that comes with VS Code (${figures.otherActivated.toFixed(1)} ms)`);
  print(`edit to diagnostics, p50`, at(0.5), `of ${figures.edits.length}`);
  print(`edit to diagnostics, p95`, at(0.95), `longest ${at(1).toFixed(1)} ms`);
  await benchOpening(await hostBundles("bench/editor/opening.ts"));
}

/** The turns of the extension host while a dataset of 10 MB opens and in the seconds behind it, beside those of a host that has no extension. */
async function benchOpening(bundles: readonly [string, string]): Promise<void> {
  const own = await inHost<OpeningFigures>(bundles, "out/bench-opening-with.json");
  const without = await inHost<OpeningFigures>(bundles, "out/bench-opening-without.json", writeEmptyExtension());
  console.log("  turns of the host while 10 MB open, and 4 s on: longest, in processor time; medians of openings");
  const compare = (name: string, isMeant: (turn: Turn) => boolean): void => {
    const longestOf = ({ openings }: OpeningFigures): readonly Turn[] => openings.flatMap((turns) => turns.filter(isMeant).toSorted((a, b) => b.busy - a.busy).slice(0, 1));
    const words = (turns: readonly Turn[]): string => `collecting garbage ${median(turns.map(({ garbage }) => garbage)).toFixed(1)}`;
    const [mine, others] = [longestOf(own), longestOf(without)];
    const busy = (turns: readonly Turn[]): number => median(turns.map((turn) => turn.busy));
    print(name, busy(mine), `${words(mine)}; without the extension ${busy(others).toFixed(1)} ms, ${words(others)}`);
  };
  compare("  that brings the document", ({ noted }) => noted);
  compare("  any other", ({ noted }) => !noted);
  compare("  not mostly garbage", ({ noted, busy, garbage }) => !noted && garbage < busy / 2);
  console.log("  the same under a profile, which makes all of it slower");
  print("  in the extension's code", Math.max(0, ...own.profiled.map(({ made }) => made?.own ?? 0)), "the most that its calls take of a turn, with all that they call, by the clock");
  printLong("a turn over 50 ms", own.profiled);
  printLong("without the extension", without.profiled);
  console.log("  first uses, in which parts of the code are loaded: longest turn, in processor time");
  for (const [name, turns] of Object.entries(own.firstUses)) print(`  ${name}`, longest(turns), "");
}

/** What the turns of a profile that kept the processor for more than 50 ms were made of, by the clock. */
function printLong(name: string, turns: readonly Turn[]): void {
  for (const { wall, busy, noted, made } of turns) {
    if (busy <= 50 || made === undefined) continue;
    const { own, garbage, rest } = made;
    print(`  ${name}`, busy, `${noted ? "brings the document; " : ""}of ${wall.toFixed(1)} ms by the clock: extension ${own.toFixed(1)}, garbage ${garbage.toFixed(1)}, VS Code and Node ${rest.toFixed(1)}`);
  }
}

/** Runs a module in an extension host, with the extension or with another one, and reads what it has written. */
async function inHost<Figures>([index, module]: readonly [string, string], file: string, extension?: string): Promise<Figures> {
  const { tests } = await runInExtensionHost({ index, files: [module], signal: new AbortController().signal, ...(extension === undefined ? {} : { extension }) });
  const failed = tests.find((test) => test.state === "failed");
  if (failed !== undefined) throw new Error(failed.error);
  return JSON.parse(readFileSync(file, "utf8")) as Figures;
}

/** A host does not run tests without an extension; this one does nothing. */
function writeEmptyExtension(): string {
  const folder = path.join(temporaryFolder("bench"), "empty");
  mkdirSync(folder);
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "empty", publisher: "bench", version: "1.0.0", engines: { vscode: "^1.90.0" } }));
  return folder;
}

function longest(turns: readonly Turn[]): number {
  return Math.max(0, ...turns.map(({ busy }) => busy));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function print(name: string, milliseconds: number, more: string): void {
  console.log(`  ${name.padEnd(32)}${milliseconds.toFixed(1).padStart(8)} ms  ${more}`);
}
