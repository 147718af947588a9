import { availableParallelism } from "node:os";
import { join } from "node:path";
import { DisposableStore } from "../base/disposable";
import { ALL_RULES } from "../core/rules/registry";
import { runCheck } from "./checkRunner";
import { runCli } from "./commands";

/** Replaced by the build with package.json's version. */
declare const TUNESMITH_VERSION: string | undefined;

/** 128 + the signal's number, as shells report it. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

async function main(): Promise<void> {
  const interruption = new AbortController();
  const lifetime = new DisposableStore();
  // Also for a second Ctrl-C, and for errors that nobody caught.
  process.once("exit", () => lifetime.dispose());
  // Who reads our messages may go away; that is no reason to fail.
  process.stderr.on("error", () => undefined);
  let signalExitCode: number | undefined;
  for (const [signal, exitCode] of Object.entries(SIGNAL_EXIT_CODES)) {
    process.on(signal, () => {
      if (interruption.signal.aborted) process.exit(exitCode);
      signalExitCode = exitCode;
      interruption.abort();
    });
  }
  const exitCode = await runCli(process.argv.slice(2), {
    engine: { runCheck, rules: ALL_RULES },
    workerPath: join(__dirname, "worker.js"),
    version: typeof TUNESMITH_VERSION === "string" ? TUNESMITH_VERSION : "0.1.0",
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    platform: process.platform,
    parallelism: availableParallelism(),
    now: () => performance.now(),
    signal: interruption.signal,
    lifetime,
  });
  process.exitCode = signalExitCode ?? exitCode;
}

void main();
