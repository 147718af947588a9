import { LineMap } from "../../base/text";
import { parseJson } from "../../core/jsonl/parse";
import { decodeUtf8 } from "../../core/jsonl/utf8";
import type { Encoding } from "../../core/tokenizer/encoding";
import type { Tokenizer } from "../../core/tokenizer/tokenizer";
import { openModelTokenizer } from "../../node/loadModel";
import { readModel } from "../../node/readModel";
import { EXIT_BROKEN_PIPE, EXIT_CLEAN } from "../check";
import type { CliHost } from "../host";
import { usageError } from "../options";
import { linesOf } from "../render/lines";
import { StreamSink } from "../sink";
import { batchBytes } from "../streams";
import { visible } from "../terminal/display";
import type { TokenizeArguments } from "./arguments";

/**
 * Runs `tunesmith tokenize` and returns the exit code.
 *
 * @throws TunesmithError when it cannot run, or a line of the batch cannot be used; what came before it is written.
 */
export async function tokenizeCommand({ model, specialTokens, input }: TokenizeArguments, host: CliHost): Promise<number> {
  const files = await readModel(model, {}, host.cwd);
  const { tokenizer } = await openModelTokenizer(files);
  tellOfEngine(tokenizer, files.id, host);
  const sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal }));
  const write = (id: string, text: string): void => {
    sink.write(`{"id":${id},${encodingFields(tokenizer.encode(text, { specialTokens }))}}\n`);
  };
  try {
    if ("text" in input) write("null", input.text);
    else await eachLine(input.batch, host, sink, write);
  } finally {
    await sink.finish();
  }
  return sink.closed ? EXIT_BROKEN_PIPE : EXIT_CLEAN;
}

async function eachLine(path: string, host: CliHost, sink: StreamSink, write: (id: string, text: string) => void): Promise<void> {
  let number = 0;
  for await (const bytes of linesOf(batchBytes(path, host))) {
    number++;
    const line = decodeUtf8(bytes).text;
    if (line.trim() === "") continue;
    const { id, text } = readLine(line, `${path === "-" ? "standard input" : path}:${number}`);
    write(id, text);
    await sink.ready();
    if (sink.closed) return;
  }
}

/** The id goes back as it came: JSON has numbers that JavaScript has not. */
function readLine(line: string, where: string): { readonly id: string; readonly text: string } {
  const { tree, problems } = parseJson(line);
  const problem = problems[0];
  if (problem !== undefined) throw usageError(`${where}:${new LineMap(line).positionAt(problem.start).column}: ${problem.message}`);
  const valueOf = (name: string): number | undefined => {
    const key = tree.kind(0) === "object" ? tree.member(0, name) : undefined;
    return key === undefined ? undefined : tree.valueOf(key);
  };
  const text = valueOf("text");
  if (text === undefined || tree.kind(text) !== "string") throw usageError(`${where}: A line of a batch must be a JSON object with a string "text".`);
  const id = valueOf("id");
  return { id: id === undefined ? "null" : tree.source(id), text: tree.string(text) };
}

/** Much faster than `JSON.stringify` of as many pairs. */
function encodingFields({ ids, offsets }: Encoding): string {
  const pairs: string[] = [];
  for (let i = 0; i < offsets.length; i += 2) pairs.push(`[${offsets[i] as number},${offsets[i + 1] as number}]`);
  return `"ids":[${ids.join(",")}],"offsets":[${pairs.join(",")}]`;
}

function tellOfEngine({ engine }: Tokenizer, id: string, host: CliHost): void {
  if (engine.kind === "fast") return;
  const why = engine.reason === undefined ? "" : `, because ${engine.reason}`;
  host.stderr.write(`tunesmith: ${visible(`the tokens of ${id} come from @huggingface/tokenizers, and their offsets may be no more than near${why}.`)}\n`);
}
