import { resolve } from "node:path";
import { codeOf, messageOf } from "../../base/errors";
import type { JsonObject, JsonValue } from "../../core/dataset/conversation";
import { decodeUtf8 } from "../../core/jsonl/utf8";
import type { PromptModel } from "../../core/model/promptModel";
import { chatPrompt } from "../../core/playground/chatPrompt";
import { readWhole } from "../../node/files";
import { OpenAiServer } from "../../node/inference/openai/server";
import { EXIT_CLEAN } from "../check";
import type { CliHost } from "../host";
import { usageError } from "../options";
import { StreamSink } from "../sink";
import type { GenerateArguments } from "./arguments";
import { openRunnable, textModel } from "./runnable";

/** What is printed of an answer; the keys are part of the interface. */
interface Answer {
  readonly text: string;
  /** Empty where a server gives none. */
  readonly ids: readonly number[];
  readonly finishReason: string;
  readonly device: string;
  readonly promptTokens: number | null;
  readonly prefillMs: number;
  readonly decodeTokensPerSecond: number;
}

/**
 * Runs `tunesmith generate` and returns the exit code.
 *
 * @throws TunesmithError when it cannot run.
 */
export async function generateCommand(args: GenerateArguments, host: CliHost): Promise<number> {
  const sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal }));
  const onText = (text: string): void => {
    if (args.format === "text") sink.write(text);
  };
  const input = "messages" in args.input ? await readMessages(args.input.messages, host) : args.input.prompt;
  const answer = args.baseUrl === undefined ? await generateHere(args, input, host, onText) : await generateThere(args, args.baseUrl, input, host, onText);
  if (args.format === "json") sink.write(`${JSON.stringify(answer)}\n`);
  else if (!answer.text.endsWith("\n")) sink.write("\n");
  await sink.finish();
  return EXIT_CLEAN;
}

interface Conversation {
  readonly messages: readonly JsonObject[];
  readonly tools: readonly JsonValue[] | undefined;
}

async function generateHere(args: GenerateArguments, input: Conversation | string, host: CliHost, onText: (text: string) => void): Promise<Answer> {
  const { text, weights } = await openRunnable(args, host);
  const prompt = promptOf(text, input);
  const result = await weights.generate(
    { prompt, maxNewTokens: args.maxNewTokens, sampling: samplingOf(args), stopTexts: args.stopTexts },
    { signal: host.signal, onProgress: (progress) => progress.text !== "" && onText(progress.text) },
  );
  const { ids, finishReason, device, promptTokens, prefillMs, decodeTokensPerSecond } = result;
  return { text: result.text, ids: Array.from(ids), finishReason, device, promptTokens, prefillMs: rounded(prefillMs), decodeTokensPerSecond: rounded(decodeTokensPerSecond) };
}

/** With a model on this machine, its template and tokenizer make the prompt; else the server's own do. */
async function generateThere(args: GenerateArguments, baseUrl: string, input: Conversation | string, host: CliHost, onText: (text: string) => void): Promise<Answer> {
  const server = new OpenAiServer({ baseUrl, key: keyFor(baseUrl, host) });
  const local = await textModel(args).catch((error: unknown) => {
    // Nothing of that name here or on the hub: it is the server's name.
    if (/^(?:not-a-model|hub-)/.test(codeOf(error) ?? "")) return undefined;
    throw error;
  });
  const prompt = local === undefined ? serverPrompt(input) : { ids: Array.from(promptOf(local, input)) };
  const model = local === undefined ? args.model : await servedName(server, args.model, host);
  const answer = await server.answer({ model, prompt, maxNewTokens: args.maxNewTokens, sampling: samplingOf(args), stopTexts: args.stopTexts }, { signal: host.signal, onPiece: ({ text }) => onText(text) });
  return {
    text: answer.text,
    ids: [],
    finishReason: answer.finishReason,
    device: "server",
    promptTokens: answer.promptTokens ?? null,
    prefillMs: rounded(answer.prefillMs),
    decodeTokensPerSecond: rounded(answer.decodeTokensPerSecond),
  };
}

function serverPrompt(input: Conversation | string): { readonly text: string } | { readonly messages: readonly JsonValue[]; readonly tools?: readonly JsonValue[] } {
  if (typeof input === "string") return { text: input };
  return { messages: input.messages, ...(input.tools === undefined ? {} : { tools: input.tools }) };
}

/** The server's name for a model that lies here: the same, or the only one that it has. */
async function servedName(server: OpenAiServer, model: string, host: CliHost): Promise<string> {
  const names = await server.models(host.signal);
  const [first] = names;
  const same = names.find((name) => name === model);
  if (same !== undefined) return same;
  if (first !== undefined && names.length === 1) return first;
  throw usageError(`The server has ${names.length} models: ${names.slice(0, 5).join(", ")}. Give one of these names as --model.`);
}

/** A key for OpenAI is not shown to other servers. */
function keyFor(baseUrl: string, { env }: CliHost): string | undefined {
  const own = env["TUNESMITH_API_KEY"];
  if (own !== undefined && own !== "") return own;
  return URL.canParse(baseUrl) && new URL(baseUrl).host === "api.openai.com" ? env["OPENAI_API_KEY"] : undefined;
}

function samplingOf({ temperature, topP, seed }: GenerateArguments): { readonly temperature: number; readonly topP?: number; readonly seed?: number } {
  return { temperature, ...(topP === undefined ? {} : { topP }), ...(seed === undefined ? {} : { seed }) };
}

/** A text by itself gets what the tokenizer adds around texts; a rendered prompt has it already. */
function promptOf(model: PromptModel, input: Conversation | string): Uint32Array {
  if (typeof input === "string") return model.tokenizer.encodeIds(input, { specialTokens: true });
  return chatPrompt(model, { ...input, addGenerationPrompt: true, variables: {} }).ids;
}

async function readMessages(path: string, host: CliHost): Promise<Conversation> {
  const bytes = path === "-" ? await readInput(host) : await readWhole(resolve(host.cwd, path));
  if (bytes === undefined) throw usageError(`There is no file ${path}. Check the path of --messages.`);
  let value: JsonValue;
  try {
    value = JSON.parse(decodeUtf8(bytes).text) as JsonValue;
  } catch (error) {
    throw usageError(`${path} is not JSON: ${messageOf(error)}.`);
  }
  const { messages, tools }: JsonObject = Array.isArray(value) ? { messages: value as readonly JsonValue[] } : isObject(value) ? value : {};
  if (!Array.isArray(messages) || !messages.every(isObject)) throw usageError(`${path} must hold an array of messages, or an object with one as "messages".`);
  return { messages, tools: Array.isArray(tools) ? (tools as readonly JsonValue[]) : undefined };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readInput(host: CliHost): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of host.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
