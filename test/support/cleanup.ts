import { mkdtempSync, rmSync } from "node:fs";
import * as os from "node:os";
import * as path from "node:path";

const signals = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const cleanups = new Set<() => void>();
let listening = false;

/**
 * Runs `cleanup` when this process exits, also on the signals that ask it to. Must be synchronous. The returned function
 * takes it back, for when the work was done in the ordinary way.
 */
export function onProcessEnd(cleanup: () => void): () => void {
  cleanups.add(cleanup);
  listen();
  return () => {
    cleanups.delete(cleanup);
  };
}

/** A new folder outside the tree, which goes away with this process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), `tunesmith-${name}-`));
  onProcessEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

function listen(): void {
  if (listening) return;
  listening = true;
  process.once("exit", () => {
    // The newest first: a server is ended before the folder that it writes to is removed.
    for (const cleanup of [...cleanups].reverse()) cleanup();
  });
  for (const [signal, number] of Object.entries(signals)) {
    // A signal's default action skips "exit" listeners.
    process.once(signal, () => process.exit(128 + number));
  }
}
