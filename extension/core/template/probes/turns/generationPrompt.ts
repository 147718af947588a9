import { ANSWER, between, renderTurns } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, textOf } from "../session";

/** What add_generation_prompt does after a question. */
export function probeGenerationPrompt(session: ProbeSession): Finding<"generation-prompt"> {
  const base = renderTurns(session, "u");
  const probed = renderTurns(session, "u", { generation: true });
  const evidence = { base, probed };
  const [without, prompt] = [textOf(base), textOf(probed)];
  if (without === undefined || prompt === undefined) return { verdict: "unknown", evidence };
  if (prompt !== without) {
    const honoured = prompt.startsWith(without);
    return { verdict: honoured ? "honoured" : "rewrites", evidence, ...(honoured ? { details: { adds: prompt.slice(without.length) } } : {}) };
  }
  const answered = renderTurns(session, "ua");
  const whole = textOf(answered);
  // Where the answer follows the question's end at once, there is nothing to add.
  const implicit = whole?.startsWith(without) === true && between(whole.slice(without.length), undefined, ANSWER)?.trim() === "";
  return implicit ? { verdict: "implicit", evidence } : { verdict: "ignored", evidence: { base: answered, probed } };
}

/** Whether the model is asked to go on where it has learnt to begin. */
export function probeGenerationPrefix(session: ProbeSession): Finding<"generation-prefix"> {
  const base = renderTurns(session, "ua");
  const probed = renderTurns(session, "u", { generation: true });
  const evidence = { base, probed };
  const [whole, prompt] = [textOf(base), textOf(probed)];
  if (whole === undefined || prompt === undefined) return { verdict: "unknown", evidence };
  return { verdict: whole.startsWith(prompt) ? "same" : "differs", evidence };
}
