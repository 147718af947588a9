import { CancelledError } from "../base/errors";
import type { SeverityCounts } from "../core/analysis/report";
import type { CheckArguments } from "./arguments";
import { discoverFiles } from "./discover";
import type { CheckEvents, CheckRequest } from "./engine";
import type { CliHost } from "./host";
import { ProgressBar, wantsProgress } from "./progress";
import { FindingStore } from "./report/findingStore";
import { GithubReporter } from "./report/github";
import { JsonReporter } from "./report/json";
import { reportRoot } from "./report/location";
import type { Reporter, Totals } from "./report/reporter";
import { SarifReporter } from "./report/sarif";
import { TextReporter } from "./report/text";
import { FileSink, StreamSink, type Sink } from "./sink";
import { visible, wrap } from "./terminal/display";
import { createStyle, wantsColour } from "./terminal/style";

/** No error-level finding. */
export const EXIT_CLEAN = 0;
/** At least one error-level finding. */
export const EXIT_ERRORS = 1;
/** The reader of a pipe left before the end: 128 + SIGPIPE, as shells report it for other programs. */
export const EXIT_BROKEN_PIPE = 141;

/** Terminals narrower than this are treated as this wide: the rest wraps. */
const NARROWEST = 40;

/**
 * Runs `tunesmith check` and returns the exit code.
 *
 * @throws TunesmithError when it cannot run; CancelledError when it was interrupted: then no summary was written, and a
 * report for machines not at all.
 */
export async function checkCommand(args: CheckArguments, host: CliHost): Promise<number> {
  const started = host.now();
  const files = await discoverFiles(args.paths, { cwd: host.cwd, platform: host.platform, output: args.output });
  const run = new AbortController();
  const stop = (): void => run.abort();
  host.signal.addEventListener("abort", stop, { once: true });
  if (host.signal.aborted) stop();

  const progress = new ProgressBar(host.stderr, wantsProgress(host.stderr, host.env), () => host.now());
  const stdout = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal, beforeWrite: () => progress.clear(), onClosed: stop }));
  const sink = args.output === undefined ? stdout : host.lifetime.add(new FileSink(args.output, host.cwd));
  const feed = new Feed(createReporter(args, sink, host), progress, host, stop);
  try {
    await host.engine.runCheck(requestOf(args, files, host.cwd), feed, run.signal);
    feed.rethrow();
    if (host.signal.aborted) throw new CancelledError();
    if (stdout.closed) return EXIT_BROKEN_PIPE;
    progress.clear();
    const totals = feed.totals((host.now() - started) / 1000);
    await feed.reporter.finish(totals);
    await sink.finish();
    return totals.counts.errors > 0 ? EXIT_ERRORS : EXIT_CLEAN;
  } catch (error) {
    feed.rethrow();
    if (stdout.closed && !host.signal.aborted) return EXIT_BROKEN_PIPE;
    throw error;
  } finally {
    progress.clear();
    host.signal.removeEventListener("abort", stop);
  }
}

function requestOf(args: CheckArguments, files: readonly string[], cwd: string): CheckRequest {
  const { model, template, templateName, now, profiles, training, maxLength, severities, jobs } = args;
  return { files, cwd, model, template, templateName, now, profiles, training, maxLength, severities, jobs };
}

function createReporter(args: CheckArguments, sink: Sink, host: CliHost): Reporter {
  const { cwd, version } = host;
  const { rules } = host.engine;
  const toTerminal = args.output === undefined && host.stdout.isTTY === true;
  if (args.format === "text") {
    const columns = toTerminal ? Math.max(NARROWEST, host.stdout.columns ?? 80) : undefined;
    const style = createStyle(args.output === undefined && wantsColour({ isTTY: host.stdout.isTTY, env: host.env }));
    return new TextReporter({ sink, style, columns, cwd, rules });
  }
  const store = host.lifetime.add(new FindingStore());
  const root = reportRoot(cwd, host.env);
  switch (args.format) {
    case "json":
      return new JsonReporter(sink, store, version);
    case "sarif":
      return new SarifReporter(sink, store, { version, rules, cwd, root });
    case "github":
      return new GithubReporter(sink, store, { cwd, root });
  }
}

/** Passes what the engine tells to the reporter and the progress bar, and adds it up. Its calls never throw. */
class Feed implements CheckEvents {
  readonly reporter: Reporter;
  readonly #progress: ProgressBar;
  readonly #host: CliHost;
  readonly #stop: () => void;
  #failure: { readonly error: unknown } | undefined;
  #files = 0;
  #bytes = 0;
  #rows = 0;
  #tokens = 0;
  #counts: SeverityCounts = { errors: 0, warnings: 0, infos: 0, hints: 0 };

  constructor(reporter: Reporter, progress: ProgressBar, host: CliHost, stop: () => void) {
    this.reporter = reporter;
    this.#progress = progress;
    this.#host = host;
    this.#stop = stop;
  }

  readonly onModel: CheckEvents["onModel"] = (model) => this.#guard(() => this.reporter.model(model));

  readonly onFileStart: CheckEvents["onFileStart"] = (path) => this.#progress.label(path);

  readonly onProgress: CheckEvents["onProgress"] = (done, total) => this.#progress.update(done, total);

  readonly onFinding: CheckEvents["onFinding"] = (path, finding) => this.#guard(() => this.reporter.finding(path, finding));

  readonly onFileEnd: CheckEvents["onFileEnd"] = (summary) => {
    const { counts } = summary;
    this.#files++;
    this.#bytes += summary.bytes;
    this.#rows += summary.rows;
    this.#tokens += summary.tokens?.total ?? 0;
    this.#counts = {
      errors: this.#counts.errors + counts.errors,
      warnings: this.#counts.warnings + counts.warnings,
      infos: this.#counts.infos + counts.infos,
      hints: this.#counts.hints + counts.hints,
    };
    this.#guard(() => this.reporter.fileEnd(summary));
  };

  readonly onMessage: CheckEvents["onMessage"] = (text) => {
    this.#progress.clear();
    this.#host.stderr.write(`${wrap(visible(text), this.#host.stderr.columns ?? Infinity, "  ")}\n`);
  };

  totals(seconds: number): Totals {
    return { files: this.#files, bytes: this.#bytes, rows: this.#rows, tokens: this.#tokens, counts: this.#counts, seconds };
  }

  /** Throws what made the reporter fail, such as a full disk. */
  rethrow(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** The engine need not know that a report can fail: it is stopped, and the failure is told afterwards. */
  #guard(action: () => void): void {
    if (this.#failure !== undefined) return;
    try {
      action();
    } catch (error) {
      this.#failure = { error };
      this.#stop();
    }
  }
}
