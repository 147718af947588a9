import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import { createInterface } from "node:readline";
import { build } from "esbuild";
import { output, root } from "../paths";

let bundled: Promise<string> | undefined;

function bundle(): Promise<string> {
  bundled ??= (async () => {
    const outfile = path.join(output, "test", "support", "hub", `downloadProgram-${process.pid}.mjs`);
    const entry = path.join(root, "test", "support", "hub", "downloadProgram.ts");
    await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", target: "node20", packages: "external", logLevel: "warning" });
    return outfile;
  })();
  return bundled;
}

export interface DownloadProcess {
  readonly child: ChildProcess;
  /** What it said so far. */
  readonly lines: readonly string[];
  /** Resolves when it says a line that matches. */
  said(pattern: RegExp): Promise<void>;
  /** Resolves with its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

/** Starts a process that downloads files of a model of the hub. */
export async function startDownload(args: readonly string[], env: Readonly<Record<string, string>>): Promise<DownloadProcess> {
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  const child = spawn(process.execPath, [await bundle(), ...args], { env: { ...inherited, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  const waiting: { readonly pattern: RegExp; readonly done: () => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const wait of waiting) if (wait.pattern.test(line)) wait.done();
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((done) => child.once("close", (code, signal) => done(signal ?? code)));
  const said = (pattern: RegExp): Promise<void> =>
    new Promise((done, fail) => {
      if (lines.some((line) => pattern.test(line))) done();
      waiting.push({ pattern, done });
      void ended.then(() => fail(new Error(`It ended without saying ${String(pattern)}:\n${lines.join("\n")}`)));
    });
  return { child, lines, said, ended };
}
