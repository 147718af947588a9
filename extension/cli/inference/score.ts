import { TunesmithError, codeOf, hasCode, messageOf } from "../../base/errors";
import { DEFAULT_FIELDS } from "../../core/dataset/fields";
import { decodeUtf8 } from "../../core/jsonl/utf8";
import type { PromptModel } from "../../core/model/promptModel";
import { scoreOf } from "../../core/playground/rowScore";
import { rowTokens } from "../../core/playground/rowTokens";
import type { RowTokens } from "../../core/playground/workerMethods";
import { EXIT_CLEAN, EXIT_ERRORS } from "../check";
import type { CliHost } from "../host";
import { linesOf } from "../render/lines";
import { StreamSink } from "../sink";
import { batchBytes } from "../streams";
import type { ScoreArguments } from "./arguments";
import { type RunnableModel, openRunnable } from "./runnable";

/**
 * Runs `tunesmith score` and returns the exit code: 1 when a row cannot be scored, or its loss is not finite.
 *
 * @throws TunesmithError when it cannot run.
 */
export async function scoreCommand(args: ScoreArguments, host: CliHost): Promise<number> {
  const sink = host.lifetime.add(new StreamSink(host.stdout, { signal: host.signal }));
  const model = await openRunnable(args, host);
  let failed = false;
  let row = 0;
  for await (const bytes of linesOf(batchBytes(args.file, host))) {
    row++;
    const { text } = decodeUtf8(bytes);
    if (text.trim() === "") continue;
    for (const line of await rowLines(model, text, row, host.signal)) {
      failed ||= "error" in line || line.nonFinite === true;
      sink.write(`${JSON.stringify(line)}\n`);
    }
    await sink.ready();
    if (sink.closed) break;
  }
  await sink.finish();
  return failed ? EXIT_ERRORS : EXIT_CLEAN;
}

type Line = Readonly<Record<string, unknown>>;

/** One line a row; two where a row has a chosen and a rejected answer. */
async function rowLines(model: RunnableModel, text: string, row: number, signal: AbortSignal): Promise<readonly Line[]> {
  try {
    const prompts = rowTokens(model.text, text, DEFAULT_FIELDS);
    if (prompts.length === 0) {
      // What is no JSON is told as that.
      JSON.parse(text);
      throw new TunesmithError("format-unknown", "The row is of no known format.");
    }
    const lines: Line[] = [];
    for (const prompt of prompts) lines.push(await promptLine(model, prompt, row, signal));
    return lines;
  } catch (error) {
    // A fault of the row; whatever ends the run goes on.
    const ofRow = error instanceof SyntaxError || ["template-refused", "no-template", "format-unknown", "prompt-too-long", "bad-request"].some((code) => hasCode(error, code));
    if (!ofRow) throw error;
    return [{ row, error: { code: codeOf(error) ?? "json", message: messageOf(error) } }];
  }
}

async function promptLine({ text, weights }: RunnableModel, prompt: RowTokens, row: number, signal: AbortSignal): Promise<Line> {
  const { logProbabilities, nonFinite } = await weights.score({ ids: prompt.ids }, { signal });
  const { variant, tokens, trainedTokens, loss, maxSurprisal } = scoreOf(prompt, logProbabilities, nonFinite);
  return {
    row,
    ...(variant === undefined ? {} : { variant }),
    tokens,
    trainedTokens,
    // JSON has no NaN.
    loss: Number.isFinite(loss) ? loss : null,
    maxSurprisal: maxSurprisal === undefined ? null : surprise(maxSurprisal, prompt, text),
    nonFinite: nonFinite.length > 0 || (trainedTokens > 0 && !Number.isFinite(loss)),
  };
}

/** The token that the model expected least; its offset is that of the row's text, null where the template wrote it. */
function surprise({ token, nats }: { readonly token: number; readonly nats: number }, { ids, places }: RowTokens, { tokenizer }: PromptModel): Line {
  const offset = places[token * 2] ?? -1;
  return { token: tokenizer.tokenText(ids[token] ?? 0) ?? "", offset: offset < 0 ? null : offset, nats: Number.isFinite(nats) ? nats : null };
}
