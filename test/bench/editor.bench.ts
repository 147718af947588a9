import { readFileSync } from "node:fs";
import { runInExtensionHost } from "../integration/runner";
import type { EditorFigures } from "./editor/inHost";

interface BenchOptions {
  /** Bundles the test index and a module to run in the extension host, and gives both files. */
  readonly hostBundles: (module: string) => Promise<readonly [string, string]>;
}

/** What the extension costs the editor: activation, opening a 10 MB dataset, and an edit in it. */
export async function bench({ hostBundles }: BenchOptions): Promise<void> {
  const [index, inHost] = await hostBundles("bench/editor/inHost.ts");
  const { tests } = await runInExtensionHost({ index, files: [inHost], signal: new AbortController().signal });
  const failed = tests.find((test) => test.state === "failed");
  if (failed !== undefined) throw new Error(failed.error);
  const figures = JSON.parse(readFileSync("out/bench-editor.json", "utf8")) as EditorFigures;
  const at = (share: number): number => figures.edits[Math.min(figures.edits.length - 1, Math.floor(figures.edits.length * share))] ?? 0;
  const { load, call } = figures.activation;
  print("activation", load + call, `${load.toFixed(1)} ms to load the code, ${call.toFixed(1)} ms in activate()`);
  print("activation, asked to active", figures.activated, `${(figures.activated / figures.otherActivated).toFixed(2)} × an extension that comes with VS Code (${figures.otherActivated.toFixed(1)} ms)`);
  print("longest turn, 10 MB dataset", figures.openDataset, `${(figures.openDataset / figures.openText).toFixed(2)} × the same as a text file (${figures.openText.toFixed(1)} ms)`);
  print("longest turn, once it is open", figures.takeOver, "");
  print(`edit to diagnostics, p50`, at(0.5), `of ${figures.edits.length}`);
  print(`edit to diagnostics, p95`, at(0.95), `longest ${at(1).toFixed(1)} ms`);
}

function print(name: string, milliseconds: number, more: string): void {
  console.log(`  ${name.padEnd(32)}${milliseconds.toFixed(1).padStart(8)} ms  ${more}`);
}
