import type { Span } from "../../../base/text";
import type { JsonObject } from "../../dataset/conversation";
import { type SampleConversation, inputOfSample } from "../../template/samples/sample";
import { SAMPLES, sampleById } from "../../template/samples/samples";
import type { TemplateHover } from "./contract";
import { type LiveValues, type Watch, liveValues } from "./liveValues";
import { promptExcerpt } from "./promptExcerpt";

/**
 * Renders the chosen sample for a hover. Where that does not come by what is watched, the other samples are tried.
 * @param now what `strftime_now` takes as now, in milliseconds since the epoch
 */
export function liveHover(source: string, place: Span, watch: Watch | undefined, chosen: string | undefined, variables: JsonObject, now: number): TemplateHover {
  const first = sampleById(chosen);
  const { sample, values } = watch === undefined ? { sample: first, values: undefined } : watchSamples(source, watch, first, variables, now);
  return {
    values,
    sample: sample.title,
    otherSample: sample !== first,
    prompt: promptExcerpt(source, place, inputOfSample(sample, variables), now),
  };
}

function watchSamples(
  source: string,
  watch: Watch,
  first: SampleConversation,
  variables: JsonObject,
  now: number,
): { readonly sample: SampleConversation; readonly values: LiveValues } {
  const values = liveValues(source, watch, inputOfSample(first, variables), now);
  if (values.count > 0) return { sample: first, values };
  for (const sample of SAMPLES) {
    if (sample === first) continue;
    const others = liveValues(source, watch, inputOfSample(sample, variables), now);
    if (others.count > 0) return { sample, values: others };
  }
  return { sample: first, values };
}
