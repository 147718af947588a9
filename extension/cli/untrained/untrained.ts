import { join } from "node:path";
import { type PlacedTraining, trainingFor } from "../../core/training/placedTraining";
import { findTraining } from "../../node/training/findTraining";
import { modelVerdicts } from "../../node/weights/modelVerdicts";
import { EXIT_BROKEN_PIPE, EXIT_CLEAN } from "../check";
import type { CliHost } from "../host";
import { ProgressBar, wantsProgress } from "../progress";
import { StreamSink } from "../sink";
import { createStyle, wantsColour } from "../terminal/style";
import type { UntrainedArguments } from "./arguments";
import { untrainedJson } from "./json";
import { untrainedText } from "./text";

/** A disk is read no faster by more, and each takes some megabytes. */
const MAX_THREADS = 4;

const NARROWEST = 40;
const DEFAULT_COLUMNS = 80;

/**
 * Runs `tunesmith untrained` and returns the exit code: 0 whatever the rows are, since only data that uses them is wrong.
 *
 * @throws TunesmithError when the model cannot be read; CancelledError.
 */
export async function untrainedCommand(args: UntrainedArguments, host: CliHost): Promise<number> {
  const started = host.now();
  const progress = new ProgressBar(host.stderr, wantsProgress(host.stderr, host.env), () => host.now());
  const run = new AbortController();
  const stop = (): void => run.abort();
  host.signal.addEventListener("abort", stop, { once: true });
  const sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal, beforeWrite: () => progress.clear(), onClosed: stop }));
  try {
    const model = await modelVerdicts(
      { model: args.model, threads: Math.min(MAX_THREADS, host.parallelism) },
      {
        workerPath: host.workerPath,
        signal: run.signal,
        onProgress: ({ file, doneBytes, totalBytes }) => {
          progress.label(file);
          if (totalBytes !== undefined) progress.update(doneBytes, totalBytes);
        },
      },
    );
    progress.clear();
    const seconds = (host.now() - started) / 1000;
    const training = args.format === "json" ? [] : await trainingHere(model.name, host);
    if (args.format === "json") sink.write(`${untrainedJson(model, seconds)}\n`);
    else sink.write(untrainedText(model, { seconds, training, columns: columnsOf(host), style: createStyle(wantsColour({ isTTY: host.stdout.isTTY, env: host.env })) }));
    await sink.finish();
    return sink.closed ? EXIT_BROKEN_PIPE : EXIT_CLEAN;
  } finally {
    progress.clear();
    host.signal.removeEventListener("abort", stop);
  }
}

async function trainingHere(model: string, { cwd, workerPath }: CliHost): Promise<readonly PlacedTraining[]> {
  // A file of the folder stands for the datasets, which are not known.
  const here = [join(cwd, "data")];
  return trainingFor(await findTraining(here, { cwd, workerPath }), here, model);
}

function columnsOf({ stdout }: CliHost): number {
  return stdout.isTTY === true ? Math.max(NARROWEST, stdout.columns ?? DEFAULT_COLUMNS) : DEFAULT_COLUMNS;
}
