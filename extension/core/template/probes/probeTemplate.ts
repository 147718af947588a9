import type { JinjaChatTemplate } from "../environment";
import { probeContentParts, probeContentString } from "./content/contentForm";
import type { Finding, ProbeId, ProbeResult } from "./probe";
import { probeAlternation } from "./roles/alternation";
import { probeSystemRole } from "./roles/systemRole";
import { probeUnknownRole } from "./roles/unknownRole";
import { type ConversationForm, type ProbeOptions, ProbeSession } from "./session";
import { probeReasoningField } from "./thinking/reasoningField";
import { probeEmptyThinking, probeThinkingHistory } from "./thinking/thinkingHistory";
import { probeThinkingSwitch } from "./thinking/thinkingSwitch";
import { probeToolArguments } from "./tools/toolArguments";
import { probeToolCalls } from "./tools/toolCalls";
import { probeEmptyTools, probeTools } from "./tools/toolDefinitions";
import { probeContinueFinal } from "./turns/continueFinal";
import { probeDoubleBos } from "./turns/doubleBos";
import { probeEndOfToolTurn, probeEndOfTurn, probeEndOfTurnMask } from "./turns/endOfTurn";
import { probeGenerationPrefix, probeGenerationPrompt } from "./turns/generationPrompt";
import { probeGenerationTag } from "./turns/generationTag";
import { probePrefixPreserving, probeToolPrefixPreserving } from "./turns/prefixPreserving";

type Probes = { readonly [Id in ProbeId]: (session: ProbeSession) => Finding<Id> };

/** In the order in which they are run, and reported. */
const PROBES: Probes = {
  "content-string": probeContentString,
  "content-parts": probeContentParts,
  "system-role": probeSystemRole,
  "unknown-role": probeUnknownRole,
  alternation: probeAlternation,
  "generation-prompt": probeGenerationPrompt,
  "generation-prefix": probeGenerationPrefix,
  "prefix-preserving": probePrefixPreserving,
  "end-of-turn": probeEndOfTurn,
  "generation-tag": probeGenerationTag,
  "end-of-turn-mask": probeEndOfTurnMask,
  "continue-final": probeContinueFinal,
  "double-bos": probeDoubleBos,
  tools: probeTools,
  "empty-tools": probeEmptyTools,
  "tool-calls": probeToolCalls,
  "tool-arguments": probeToolArguments,
  "end-of-tool-turn": probeEndOfToolTurn,
  "tool-prefix-preserving": probeToolPrefixPreserving,
  "thinking-switch": probeThinkingSwitch,
  "thinking-history": probeThinkingHistory,
  "reasoning-field": probeReasoningField,
  "empty-thinking": probeEmptyThinking,
};

/** What the probes of a template found. */
export interface ProbeReport {
  readonly results: { readonly [Id in ProbeId]: ProbeResult<Id> };
  /** How the conversations were given. */
  readonly form: ConversationForm;
  /** Whether renders were stopped or left out because the template takes too long: their probes say `unknown`. */
  readonly stopped: boolean;
}

/**
 * Finds out what a template does by rendering small conversations with it, some fifty at the most and in bounded steps. What it
 * refuses is a finding, and so nothing is thrown. A template with a fixed clock gives the same report every time.
 */
export function probeTemplate(template: JinjaChatTemplate, options: ProbeOptions): ProbeReport {
  const session = new ProbeSession(template, options);
  const run = <Id extends ProbeId>(id: Id): ProbeResult<Id> => ({ id, ...PROBES[id](session) });
  const results = Object.fromEntries((Object.keys(PROBES) as ProbeId[]).map((id) => [id, run(id)]));
  return { results: results as ProbeReport["results"], form: session.form, stopped: session.stopped };
}
