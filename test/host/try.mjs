// npm run try
// Opens the sample workspace with the extension built from this tree: in desktop VS Code where `code` can be started, else
// in VS Code's own web workbench, served on this machine until Ctrl-C.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { load, root } from "../support/bundle.mjs";
import { stageExtension } from "../support/stage.mjs";
import { ensureHost } from "./install.mjs";

async function main() {
  process.chdir(root);
  const build = spawnSync(process.execPath, ["esbuild.mjs"], { stdio: "inherit" });
  if (build.status !== 0) throw new Error("The extension could not be built.");
  // A copy, so that fixing the sample's faults leaves the tree as it was.
  const folder = path.join(mkdtempSync(path.join(os.tmpdir(), "tunesmith-try-")), "sample-workspace");
  cpSync(path.join(root, "extension", "assets", "sample-workspace"), folder, { recursive: true });
  const extension = stageExtension();
  if (hasDesktop()) await openDesktop(folder, extension);
  else await serve(folder, extension);
}

function hasDesktop() {
  const display = process.platform !== "linux" || Boolean(process.env.DISPLAY ?? process.env.WAYLAND_DISPLAY);
  return display && spawnSync("code", ["--version"], { shell: process.platform === "win32" }).status === 0;
}

async function openDesktop(folder, extension) {
  console.log(`Opening ${folder} in VS Code …`);
  const args = [`--extensionDevelopmentPath=${extension}`, folder, path.join(folder, "chat.jsonl")];
  const code = spawn("code", args, { stdio: "inherit", shell: process.platform === "win32" });
  await new Promise((resolve, reject) => code.once("error", reject).once("close", resolve));
}

async function serve(folder, extension) {
  await ensureHost();
  const { WorkbenchServer } = await load("support/server.ts");
  const settings = { "editor.wordWrap": "on", "editor.minimap.enabled": true, "workbench.colorTheme": "Dark Modern" };
  const server = await WorkbenchServer.start({ settings, port: Number(process.env.PORT ?? 0) });
  process.once("exit", () => rmSync(path.dirname(folder), { recursive: true, force: true }));
  const url = server.url(folder, { extension, open: path.join(folder, "chat.jsonl") });
  console.log(`\nVS Code with Tunesmith and a sample dataset; open this address in a browser:\n\n  ${url}\n`);
  console.log("Stop with Ctrl-C.");
  await server.ended();
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
