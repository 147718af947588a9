import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import * as path from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../../extension/base/errors";
import { onProcessEnd } from "../cleanup";
import { output } from "../paths";
import { until } from "../wait";

const execute = promisify(execFile);

/** llama.cpp's server, and how it is started. */
export interface LlamaProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const PACKAGE = "llama.cpp-tools";
/** Debian's libraries, below the folder that the packages are unpacked in. */
const LIBRARIES = path.join("usr", "lib", "x86_64-linux-gnu");

/**
 * llama.cpp's `llama-server`: the one that `LLAMA_SERVER` names, or Debian's. That is in sid, so it is unpacked below `out/`
 * together with its libraries, sid's libc included, and nothing of the system changes.
 * @returns why it cannot be had, as a text, where it cannot
 */
export async function llamaServer(): Promise<LlamaProgram | string> {
  const chosen = process.env["LLAMA_SERVER"];
  if (chosen !== undefined && chosen !== "") return existsSync(chosen) ? { command: chosen, args: [], env: {} } : `LLAMA_SERVER is ${chosen}, which does not exist.`;
  if (process.platform !== "linux" || process.arch !== "x64" || !existsSync("/usr/bin/apt-get")) {
    return "llama-server is installed with apt-get on Linux on x64 only. Set LLAMA_SERVER to one, to test with it.";
  }
  const folder = path.join(output, "llama-server");
  try {
    if (!existsSync(folder)) await unpack(folder);
  } catch (error) {
    return `llama-server could not be installed: ${messageOf(error).split("\n").slice(0, 3).join(" ")}`;
  }
  const libraries = path.join(folder, LIBRARIES);
  return {
    // The system's loader does not fit sid's libc.
    command: path.join(libraries, "ld-linux-x86-64.so.2"),
    args: ["--library-path", [libraries, path.join(libraries, "llama")].join(":"), path.join(folder, "usr", "bin", "llama-server")],
    env: { GGML_BACKEND_PATH: path.join(libraries, "ggml", "backends0", "libggml-cpu-x64.so") },
  };
}

async function unpack(folder: string): Promise<void> {
  const apt = `${folder}.apt`;
  const unpacked = `${folder}.new`;
  for (const left of [apt, unpacked]) await rm(left, { recursive: true, force: true });
  await mkdir(path.join(apt, "state", "lists", "partial"), { recursive: true });
  await mkdir(path.join(apt, "cache", "archives", "partial"), { recursive: true });
  await writeFile(path.join(apt, "status"), "");
  await writeFile(path.join(apt, "sources.list"), `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${await mirror()} sid main\n`);
  const settings = {
    "Dir::State": path.join(apt, "state"),
    "Dir::State::status": path.join(apt, "status"),
    "Dir::Cache": path.join(apt, "cache"),
    "Dir::Etc::sourcelist": path.join(apt, "sources.list"),
    "Dir::Etc::sourceparts": "-",
    "APT::Sandbox::User": "",
    "Acquire::http::Timeout": "20",
  };
  const run = (...args: readonly string[]) => execute("apt-get", [...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]), ...args], { timeout: 5 * 60_000 });
  console.log("Downloading llama.cpp's server (20 MB, once) …");
  await run("-qq", "update");
  await run("-qq", "-y", "--no-install-recommends", "--download-only", "install", PACKAGE);
  await mkdir(unpacked, { recursive: true });
  const archives = path.join(apt, "cache", "archives");
  for (const file of await readdir(archives)) if (file.endsWith(".deb")) await execute("dpkg-deb", ["-x", path.join(archives, file), unpacked]);
  await rm(apt, { recursive: true, force: true });
  await rename(unpacked, folder);
}

/** Where the system's own packages come from. */
async function mirror(): Promise<string> {
  const { stdout } = await execute("apt-get", ["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
  const found = stdout.split("\n").find((uri) => /\/debian\/?$/.test(uri));
  if (found === undefined) throw new Error("The system's packages do not come from a Debian mirror.");
  return found;
}

/** A server that runs. */
export interface RunningLlama {
  readonly baseUrl: string;
  stop(): void;
}

/** Starts it with a GGUF file, and waits until it answers. */
export async function startLlama({ command, args, env }: LlamaProgram, model: string, options: readonly string[]): Promise<RunningLlama> {
  const port = await freePort();
  const child = spawn(command, [...args, "--model", model, "--host", "127.0.0.1", "--port", String(port), "--threads", "1", ...options], { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): void => void child.kill("SIGKILL");
  onProcessEnd(stop);
  const said = saidBy(child);
  const healthy = async (): Promise<boolean> => {
    if (child.exitCode !== null) throw new Error(`llama-server ended with ${child.exitCode}: ${said()}`);
    return await fetch(`http://127.0.0.1:${port}/health`).then((response) => response.ok, () => false);
  };
  await until("llama-server to answer", healthy, (well) => well, 60_000);
  return { baseUrl: `http://127.0.0.1:${port}/v1`, stop };
}

function saidBy(child: ChildProcess): () => string {
  let text = "";
  for (const output of [child.stdout, child.stderr]) output?.setEncoding("utf8").on("data", (more: string) => (text = (text + more).slice(-4000)));
  return () => text;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}
