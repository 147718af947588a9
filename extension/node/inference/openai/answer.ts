import type { FinishReason } from "../../../protocol/sidecar";
import { ServerError, errorOfStatus } from "./serverError";
import { eventData } from "./sse";

/** A token as a server tells it: its text, for ids are not part of the protocol. */
export interface ServerToken {
  readonly text: string;
  /** Natural logarithm of its probability. */
  readonly logProbability: number;
  /** The most probable candidates, as far as they were asked for. */
  readonly top: readonly { readonly text: string; readonly logProbability: number }[];
}

/** A piece of an answer as it comes. */
export interface Heard {
  readonly text: string;
  /** Empty where probabilities were not asked for, or the server has none. */
  readonly tokens: readonly ServerToken[];
}

export interface ServerAnswer extends Heard {
  readonly finishReason: FinishReason;
  /** As the server counted them; undefined where it does not tell. */
  readonly promptTokens: number | undefined;
  readonly answerTokens: number | undefined;
  /** To the first piece of text. */
  readonly prefillMs: number;
  /** From the first piece to the last, by the server's count of tokens, else by pieces. */
  readonly decodeTokensPerSecond: number;
}

/** What a server sends, as far as it is read. */
interface Piece {
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly text?: unknown;
    readonly delta?: { readonly content?: unknown } | null;
    readonly logprobs?: unknown;
    readonly finish_reason?: unknown;
  }[];
  readonly usage?: { readonly prompt_tokens?: unknown; readonly completion_tokens?: unknown } | null;
}

/** Reads a streamed answer to its end. @param started when it was asked for, of `performance.now()`. @throws ServerError. */
export async function readAnswer(url: string, chunks: AsyncIterable<Uint8Array>, onPiece: (piece: Heard) => void, started: number): Promise<ServerAnswer> {
  let text = "";
  const tokens: ServerToken[] = [];
  let finish: string | undefined;
  let usage: Piece["usage"];
  let done = false;
  let pieces = 0;
  let firstAt: number | undefined;
  let lastAt = started;
  for await (const data of eventData(chunks)) {
    if (data.trim() === "[DONE]") {
      done = true;
      break;
    }
    const piece = parsed(data, url) as Piece;
    if (piece.error !== undefined && piece.error !== null) throw errorOfStatus(url, 500, new Headers(), data);
    usage = piece.usage ?? usage;
    const choice = piece.choices?.[0];
    if (typeof choice?.finish_reason === "string") finish = choice.finish_reason;
    const content = choice?.delta?.content ?? choice?.text;
    const heard = { text: typeof content === "string" ? content : "", tokens: tokensOf(choice?.logprobs) };
    if (heard.text === "" && heard.tokens.length === 0) continue;
    lastAt = performance.now();
    firstAt ??= lastAt;
    pieces++;
    text += heard.text;
    tokens.push(...heard.tokens);
    onPiece(heard);
  }
  // A proxy that loses its server ends the answer as if all were said.
  if (!done && finish === undefined) throw new ServerError("server-dropped", `${url} ended the answer in the middle. What came is shown; ask again for the rest.`);
  const answerTokens = count(usage?.completion_tokens);
  const seconds = (lastAt - (firstAt ?? lastAt)) / 1000;
  return {
    text,
    tokens,
    finishReason: finish === "length" ? "length" : "stop",
    promptTokens: count(usage?.prompt_tokens),
    answerTokens,
    prefillMs: (firstAt ?? lastAt) - started,
    decodeTokensPerSecond: seconds > 0 ? ((answerTokens ?? pieces) - 1) / seconds : 0,
  };
}

/** The object that a text of a server stands for. @throws ServerError `server-garbage`. */
export function parsed(text: string, url: string): object {
  try {
    const value = JSON.parse(text) as unknown;
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Told below, as for any other value.
  }
  throw new ServerError("server-garbage", `${url} sent something that is not JSON: ${text.slice(0, 80).replaceAll(/\s+/g, " ")}. Is it an OpenAI-compatible server?`);
}

/**
 * Tokens with their probabilities in both forms that there are: chat completions have a list of tokens (llama.cpp sends it for
 * completions too), completions have lists beside one another. What does not fit is left out: it is extra.
 */
function tokensOf(logprobs: unknown): readonly ServerToken[] {
  const { content, tokens, token_logprobs: values, top_logprobs: tops } = objectOf(logprobs);
  if (Array.isArray(content)) return content.map(objectOf).flatMap((each) => candidate(each["token"], each["logprob"], candidatesIn(each["top_logprobs"])));
  if (!Array.isArray(tokens) || !Array.isArray(values)) return [];
  return tokens.flatMap((token, i) => candidate(token, values[i], Object.entries(objectOf(Array.isArray(tops) ? tops[i] : undefined)).flatMap(([text, value]) => candidate(text, value))));
}

function candidatesIn(list: unknown): ServerToken["top"] {
  return Array.isArray(list) ? list.map(objectOf).flatMap((each) => candidate(each["token"], each["logprob"])) : [];
}

function candidate(text: unknown, logProbability: unknown, top: ServerToken["top"] = []): readonly ServerToken[] {
  return typeof text === "string" && typeof logProbability === "number" ? [{ text, logProbability, top }] : [];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function count(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}
