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

function listen(): void {
  if (listening) return;
  listening = true;
  process.once("exit", () => {
    for (const cleanup of cleanups) cleanup();
  });
  for (const [signal, number] of Object.entries(signals)) {
    // A signal's default action skips "exit" listeners.
    process.once(signal, () => process.exit(128 + number));
  }
}
