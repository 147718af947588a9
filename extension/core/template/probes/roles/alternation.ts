import { ANSWER, QUESTION, SECOND_ANSWER, SECOND_QUESTION, renderTurns } from "../conversation";
import type { Finding, Rendering } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";

/** Conversations that are out of turn, and the texts that must be in their prompts. */
const OUT_OF_TURN = [
  { name: "two users", plan: "uu", texts: [QUESTION, SECOND_QUESTION] },
  { name: "two assistants", plan: "uaa", texts: [QUESTION, ANSWER, SECOND_ANSWER] },
  { name: "assistant first", plan: "aua", texts: [ANSWER, QUESTION, SECOND_ANSWER] },
] as const;

/** Whether user and assistant must take turns. */
export function probeAlternation(session: ProbeSession): Finding<"alternation"> {
  const base = renderTurns(session, "uau");
  if (textOf(base) === undefined) return { verdict: "unknown", evidence: undefined };
  const refused: string[] = [];
  const dropped: string[] = [];
  let probed: Rendering | undefined;
  for (const { name, plan, texts } of OUT_OF_TURN) {
    const rendering = renderTurns(session, plan);
    const prompt = textOf(rendering);
    if (rendering.outcome.kind === "stopped") return { verdict: "unknown", evidence: undefined };
    if (isRefused(rendering)) {
      if (refused.length === 0) probed = rendering;
      refused.push(name);
    } else if (prompt !== undefined && texts.some((text) => !prompt.includes(text))) {
      probed ??= rendering;
      dropped.push(name);
    }
  }
  const verdict = refused.length > 0 ? "enforced" : dropped.length > 0 ? "drops" : "free";
  return { verdict, evidence: { base, probed: probed ?? renderTurns(session, "uu") }, details: { refused, dropped } };
}
