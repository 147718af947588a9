import { randomBytes } from "node:crypto";
import { realpath, rename, rm, stat, writeFile } from "node:fs/promises";

/** Writes a file whole or not at all: beside it first, then in its place, with its mode. A link stays one. */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const target = await realpath(path);
  const { mode } = await stat(target);
  const passing = `${target}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await writeFile(passing, bytes, { mode, flag: "wx" });
    await rename(passing, target);
  } catch (error) {
    await rm(passing, { force: true });
    throw error;
  }
}
