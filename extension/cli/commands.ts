import { CancelledError, messageOf, TunesmithError } from "../base/errors";
import { COMMON_OPTIONS, parseCheckArguments, parseRenderArguments } from "./arguments";
import { checkCommand } from "./check";
import { checkHelp, generalHelp, generateHelp, renderHelp, scoreHelp, tokenizeHelp, untrainedHelp } from "./help";
import type { CliHost } from "./host";
import { parseGenerateArguments, parseScoreArguments } from "./inference/arguments";
import { generateCommand } from "./inference/generate";
import { scoreCommand } from "./inference/score";
import { parseOptions, suggestion, usageError } from "./options";
import { renderCommand } from "./render";
import { StreamSink } from "./sink";
import { visible } from "./terminal/display";
import { parseTokenizeArguments } from "./tokenize/arguments";
import { tokenizeCommand } from "./tokenize/tokenize";
import { parseUntrainedArguments } from "./untrained/arguments";
import { untrainedCommand } from "./untrained/untrained";

/** Wrong usage, or it cannot run. */
export const EXIT_CANNOT_RUN = 2;
/** Interrupted: 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** A command of the program. */
interface Command {
  readonly help: () => string;
  readonly run: (argv: readonly string[], host: CliHost) => Promise<number>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  [
    "check",
    {
      help: checkHelp,
      run: (argv, host) => {
        const rules = host.engine.rules.map((rule) => rule.id);
        return checkCommand(parseCheckArguments(argv, { rules, parallelism: host.parallelism }), host);
      },
    },
  ],
  ["render", { help: renderHelp, run: (argv, host) => renderCommand(parseRenderArguments(argv), host) }],
  ["tokenize", { help: tokenizeHelp, run: (argv, host) => tokenizeCommand(parseTokenizeArguments(argv), host) }],
  ["generate", { help: generateHelp, run: (argv, host) => generateCommand(parseGenerateArguments(argv), host) }],
  ["score", { help: scoreHelp, run: (argv, host) => scoreCommand(parseScoreArguments(argv), host) }],
  ["untrained", { help: untrainedHelp, run: (argv, host) => untrainedCommand(parseUntrainedArguments(argv), host) }],
]);

/**
 * Runs the program with the arguments after its name and returns the exit code. Never rejects: what went wrong is told in
 * one line on the standard error stream, with the stack below it when `--verbose` is among the arguments.
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  try {
    return await dispatch(argv, host);
  } catch (error) {
    if (error instanceof CancelledError || host.signal.aborted) {
      host.stderr.write("tunesmith: interrupted; the report is not complete.\n");
      return EXIT_INTERRUPTED;
    }
    host.stderr.write(`tunesmith: ${errorLine(error)}\n`);
    if (argv.includes("--verbose") && error instanceof Error) host.stderr.write(`${stackOf(error)}\n`);
    return EXIT_CANNOT_RUN;
  } finally {
    host.lifetime.dispose();
  }
}

async function dispatch(argv: readonly string[], host: CliHost): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined) throw usageError("No command given. To check a dataset: tunesmith check data/train.jsonl. More: tunesmith --help.");
  if (name.startsWith("-")) return withoutCommand(argv, host);
  const command = COMMANDS.get(name);
  if (command === undefined) {
    throw usageError(`Unknown command "${name}".${suggestion(name, [...COMMANDS.keys()])} The commands are: ${[...COMMANDS.keys()].join(", ")}.`);
  }
  // Help and version are given however wrong the rest is; after "--" they are names of files.
  const end = rest.indexOf("--");
  const options = end === -1 ? rest : rest.slice(0, end);
  if (options.includes("--help") || options.includes("-h")) return print(command.help(), host);
  if (options.includes("--version")) return print(versionText(host), host);
  return command.run(rest, host);
}

async function withoutCommand(argv: readonly string[], host: CliHost): Promise<number> {
  const { switches, values } = parseOptions(argv, COMMON_OPTIONS);
  if (switches.has("help")) return print(generalHelp(), host);
  if (switches.has("version")) return print(versionText(host), host);
  const option = [...values.keys(), ...switches][0];
  throw usageError(option === undefined ? "No command given. See tunesmith --help." : `Write the command before --${option}: tunesmith check --${option} ….`);
}

function versionText(host: CliHost): string {
  return `tunesmith ${host.version}\n`;
}

async function print(text: string, host: CliHost): Promise<number> {
  const sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal }));
  sink.write(text);
  await sink.finish();
  return 0;
}

/** One line: what a message quotes may hold line ends and escape sequences. */
function errorLine(error: unknown): string {
  const message = visible(messageOf(error));
  return error instanceof TunesmithError ? message : `unexpected error: ${message} (--verbose shows where; please report it)`;
}

function stackOf(error: Error): string {
  const stack = (error.stack ?? "").split("\n").map(visible).join("\n");
  return error.cause instanceof Error ? `${stack}\ncaused by: ${stackOf(error.cause)}` : stack;
}
