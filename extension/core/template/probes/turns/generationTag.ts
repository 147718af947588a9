import { seemsToHaveGeneration } from "../../masks";
import { ANSWER, QUESTION, SECOND_ANSWER, SECOND_QUESTION, renderTurns } from "../conversation";
import type { Finding } from "../probe";
import type { ProbeSession } from "../session";

/** Whether the template marks what the assistant says, and nothing else. */
export function probeGenerationTag(session: ProbeSession): Finding<"generation-tag"> {
  const base = renderTurns(session, "u");
  const probed = renderTurns(session, "uaua");
  const { outcome } = probed;
  const { source } = session.template;
  const has = /\{%[-+]?\s*generation\b/.test(source);
  if (!has) return { verdict: "no", evidence: undefined };
  if (!seemsToHaveGeneration(source)) return { verdict: "unseen", evidence: undefined };
  if (outcome.kind !== "prompt") return { verdict: "unknown", evidence: { base, probed } };
  const marked = outcome.generation.map(([start, end]) => outcome.text.slice(start, end));
  const holds = (text: string): boolean => marked.some((span) => span.includes(text));
  const right = holds(ANSWER) && holds(SECOND_ANSWER) && !holds(QUESTION) && !holds(SECOND_QUESTION);
  return { verdict: right ? "yes" : "wrong", evidence: { base, probed }, details: { spans: marked } };
}
