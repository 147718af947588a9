import { spawn } from "node:child_process";
import * as path from "node:path";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command line as a user would. `timeoutMs` kills it and gives the code null. */
export async function runCli(args: readonly string[], options: { readonly cwd?: string; readonly timeoutMs?: number; readonly env?: Readonly<Record<string, string>> } = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [path.resolve("dist/cli.js"), ...args], {
    cwd: options.cwd ?? process.cwd(),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: options.timeoutMs ?? 120_000,
    env: { ...process.env, NO_COLOR: "1", ...options.env },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout, stderr };
}

/** The report of `check --format json`, as cli.md has it. */
export interface CheckReport {
  readonly version: number;
  readonly model: { readonly id: string } | null;
  readonly files: readonly {
    readonly path: string;
    readonly bytes: number;
    readonly rows: number;
    readonly format: string;
    readonly tokens: { readonly total: number } | null;
    readonly findings: readonly {
      readonly rule: string;
      readonly severity: string;
      readonly message: string;
      readonly row: number;
      readonly pointer: string;
      readonly range: { readonly start: { readonly line: number; readonly column: number }; readonly end: { readonly line: number; readonly column: number } };
      readonly byteOffset: number;
      readonly byteLength: number;
      readonly profiles: readonly string[];
      readonly data: Readonly<Record<string, unknown>>;
    }[];
  }[];
  readonly summary: { readonly files: number; readonly rows: number; readonly tokens: number; readonly errors: number; readonly warnings: number };
}

/** Runs `check --format json` and parses its report. */
export async function checkReport(args: readonly string[]): Promise<{ readonly report: CheckReport; readonly result: CliResult }> {
  const result = await runCli(["check", "--format", "json", ...args]);
  if (result.code === 2) throw new Error(result.stderr);
  return { report: JSON.parse(result.stdout) as CheckReport, result };
}
