import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import * as path from "node:path";
import type { Page } from "playwright-core";
import { launchBrowser } from "../support/browser";
import { temporaryFolder } from "../support/cleanup";
import { output, root, stagedExtension } from "../support/paths";
import { WorkbenchServer } from "../support/server";
import { type HostRun, type TestResult, hostRunVariable } from "./results";

/** From the first byte to the last test. */
const runTimeoutMs = 20 * 60_000;

export interface IntegrationRun {
  /** The bundle of index.ts. */
  readonly index: string;
  readonly files: readonly string[];
  readonly grep?: string;
  /** The unpacked extension to load; this repository's, as it is packaged, when left out. */
  readonly extension?: string;
  readonly signal: AbortSignal;
}

export interface HostResults {
  readonly tests: readonly TestResult[];
  /** What the extension host and the workbench around it said. */
  readonly log: string;
}

/**
 * Runs the bundled tests inside a real extension host with the staged extension, and returns what each gave: in desktop VS Code where `VSCODE_EXECUTABLE` names one, else in VS Code's server with a browser before it.
 */
export async function runInExtensionHost(run: IntegrationRun): Promise<HostResults> {
  const results = path.join(output, "test", "integration", "results.json");
  mkdirSync(path.dirname(results), { recursive: true });
  rmSync(results, { force: true });
  const workspace = temporaryFolder("integration");
  const request: HostRun = { results, files: run.files, ...(run.grep === undefined ? {} : { grep: run.grep }) };
  const env = { [hostRunVariable]: JSON.stringify(request), TUNESMITH_ROOT: root };
  const desktop = process.env.VSCODE_EXECUTABLE;
  const log = desktop === undefined ? await runInServer(run, workspace, env) : await runInDesktop(desktop, run, workspace, env);
  if (!existsSync(results)) throw new Error(`The extension host ended without results.\n${log}`);
  return { tests: JSON.parse(readFileSync(results, "utf8")) as TestResult[], log };
}

async function runInServer(run: IntegrationRun, workspace: string, env: Readonly<Record<string, string>>): Promise<string> {
  // In a browser VS Code would save by itself, in the middle of what a test does.
  const server = await WorkbenchServer.start({ env, settings: { "files.autoSave": "off" } });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, permissions: ["clipboard-read", "clipboard-write"] });
    server.watch(page);
    await testRunEnd(page, server.url(workspace, { extension: run.extension ?? stagedExtension, tests: run.index }), run.signal);
    return server.logTail();
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${server.logTail()}`, { cause: error });
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Opens the address and waits until the workbench reports the end of the test run through the functions it looks for. */
async function testRunEnd(page: Page, url: string, signal: AbortSignal): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The tests did not end within ${runTimeoutMs} ms.`)), runTimeoutMs);
    const finish = (settle: () => void) => (): void => {
      clearTimeout(timer);
      settle();
    };
    signal.addEventListener("abort", finish(() => reject(new Error("The tests were interrupted."))));
    void page.exposeFunction("codeAutomationExit", finish(resolve));
    // The same messages also reach the page's console.
    void page.exposeFunction("codeAutomationLog", () => undefined);
  });
  await page.goto(url);
  await ended;
}

/** Not tried on every desktop version: VS Code runs the tests and exits. */
async function runInDesktop(
  executable: string,
  run: IntegrationRun,
  workspace: string,
  env: Readonly<Record<string, string>>,
): Promise<string> {
  const data = temporaryFolder("desktop");
  const profile = ["--user-data-dir", data, "--extensions-dir", path.join(data, "extensions")];
  const quiet = ["--disable-workspace-trust", "--disable-updates", "--disable-telemetry", "--skip-welcome", "--skip-release-notes"];
  const tests = [`--extensionDevelopmentPath=${run.extension ?? stagedExtension}`, `--extensionTestsPath=${run.index}`];
  return await new Promise((resolve, reject) => {
    const child = spawn(executable, [workspace, ...profile, ...quiet, ...tests], {
      env: { ...process.env, ...env },
      signal: run.signal,
      timeout: runTimeoutMs,
    });
    let log = "";
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString("utf8")));
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString("utf8")));
    child.once("error", reject);
    child.once("close", () => resolve(log));
  });
}
