import { readFileSync } from "node:fs";
import { runInExtensionHost } from "../integration/runner";
import type { LanguageFigures } from "./editor/language";
import { measureMarks } from "./editor/marks";

interface BenchOptions {
  /** Bundles the test index and a module to run in the extension host, and gives both files. */
  readonly hostBundles: (module: string) => Promise<readonly [string, string]>;
}

/** How long somebody waits for a hover in a 10 MB dataset, and for what is drawn on a screen of it after scrolling. */
export async function bench({ hostBundles }: BenchOptions): Promise<void> {
  const [index, inHost] = await hostBundles("bench/editor/language.ts");
  const { tests } = await runInExtensionHost({ index, files: [inHost], signal: new AbortController().signal });
  const failed = tests.find((test) => test.state === "failed");
  if (failed !== undefined) throw new Error(failed.error);
  const figures = JSON.parse(readFileSync("out/bench-language.json", "utf8")) as LanguageFigures;
  print("hover, 10 MB dataset", figures.hovers);
  print("counts of a screen, 45 rows", figures.screens);
  print("marks of a screen, from the thread", await measureMarks());
}

function print(name: string, times: readonly number[]): void {
  const at = (share: number): string => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  console.log(`  ${name.padEnd(36)}p50 ${at(0.5).padStart(7)} ms  p95 ${at(0.95).padStart(7)} ms  longest ${at(1)} ms, of ${times.length}`);
}
