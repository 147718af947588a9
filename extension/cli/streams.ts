import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { codeOf, messageOf, TunesmithError } from "../base/errors";
import type { CliHost } from "./host";
import { usageError } from "./options";

/** The bytes of a batch: of the standard input for `-`, else of a file. @throws TunesmithError `usage` where there is none; `cannot-read`. */
export function batchBytes(path: string, host: Pick<CliHost, "stdin" | "cwd">): AsyncIterable<Uint8Array> {
  return path === "-" ? host.stdin : streamOf(resolve(host.cwd, path), path);
}

async function* streamOf(path: string, shown: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    if (codeOf(error) === "ENOENT") throw usageError(`There is no file ${shown}. Check the path of --batch.`);
    throw new TunesmithError("cannot-read", `Cannot read ${shown}: ${messageOf(error)}.`, { cause: error });
  }
}
