import { traceRow } from "../analysis/rowTrace";
import type { PromptTrace } from "../analysis/promptTrace";
import type { Conversation } from "../dataset/conversation";
import type { FieldMapping } from "../dataset/fields";
import { RowSource } from "../jsonl/rowSource";
import type { PromptModel } from "../model/promptModel";
import { traceOf } from "./chatPrompt";
import type { RowTokens } from "./workerMethods";

/** The tokens of a row's prompts, none for a row that is no sample. @throws TunesmithError `template-refused`, `no-template` */
export function rowTokens(model: PromptModel, row: string, fields: FieldMapping): readonly RowTokens[] {
  const source = new RowSource(row);
  return traceRow(source, model, fields).prompts.map((prompt) => {
    const trace = traceOf(prompt);
    const { conversation } = prompt;
    return {
      variant: conversation?.variant,
      ids: trace.encoding.ids,
      mask: trace.mask?.mask,
      places: placesOf(trace, source),
      turnEnds: conversation === undefined ? [] : turnEndsOf(trace, conversation),
    };
  });
}

function placesOf(trace: PromptTrace, source: RowSource): Int32Array {
  const { encoding } = trace;
  const places = new Int32Array(encoding.length * 2).fill(-1);
  for (let token = 0; token < encoding.length; token++) {
    const [start, end] = encoding.rangeOf(token);
    if (start === end) continue;
    let first = Infinity;
    let last = -1;
    for (const origin of trace.originsOf(start, end)) {
      if (origin.kind !== "data") continue;
      const range = source.rangeOf(origin.pointer, origin.start, origin.end);
      if (range === undefined) continue;
      first = Math.min(first, range.start);
      last = Math.max(last, range.end);
    }
    if (last >= 0) places.set([first, last], token * 2);
  }
  return places;
}

/** For each assistant turn the first token behind its content: what the model has to say to end it. */
function turnEndsOf(trace: PromptTrace, conversation: Conversation): readonly number[] {
  const ends: number[] = [];
  for (const { role, content } of conversation.turns) {
    const pointer = content.at(-1)?.pointer;
    if (role !== "assistant" || pointer === undefined || pointer === null) continue;
    const token = trace.tokensOf(pointer).at(-1)?.[1];
    if (token !== undefined && token < trace.encoding.length) ends.push(token);
  }
  return ends;
}
