import { renderTurns } from "../conversation";
import type { Finding, Rendering } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";
import { ARGUMENT_NAME, BARE_TOOLS, TOOLS, TOOL_DESCRIPTION, TOOL_NAME } from "./toolConversation";

/** Some templates write tools into the system's turn, and only if there is one. */
const PLANS = ["u", "su"] as const;

/** Whether the definitions of tools stand in the prompt. */
export function probeTools(session: ProbeSession): Finding<"tools"> {
  const base = renderTurns(session, "u");
  if (textOf(base) === undefined) return { verdict: "unknown", evidence: undefined };
  const attempts = PLANS.flatMap((plan) => [
    { plan, shape: "function", rendering: renderTurns(session, plan, { tools: TOOLS }) },
    { plan, shape: "bare", rendering: renderTurns(session, plan, { tools: BARE_TOOLS }) },
  ]);
  const graded = attempts.map((attempt) => ({ ...attempt, missing: missingIn(attempt.rendering) }));
  const best = graded.reduce((a, b) => (b.missing.length < a.missing.length ? b : a));
  const evidence = { base: renderTurns(session, best.plan), probed: best.rendering };
  if (best.missing.length === SENTINELS.length) {
    const plain = renderTurns(session, "u", { tools: TOOLS });
    if (plain.outcome.kind === "stopped") return { verdict: "unknown", evidence: undefined };
    return { verdict: isRefused(plain) ? "refused" : "dropped", evidence: { base, probed: plain } };
  }
  const details = { shape: best.shape, system: best.plan === "su", missing: best.missing };
  return { verdict: best.missing.length === 0 ? "rendered" : "partial", evidence, details };
}

const SENTINELS = [
  ["name", TOOL_NAME],
  ["description", TOOL_DESCRIPTION],
  ["parameter", ARGUMENT_NAME],
] as const;

function missingIn(rendering: Rendering): string[] {
  const prompt = textOf(rendering) ?? "";
  return SENTINELS.filter(([, text]) => !prompt.includes(text)).map(([name]) => name);
}

/** Whether an empty list of tools is taken for none. */
export function probeEmptyTools(session: ProbeSession): Finding<"empty-tools"> {
  const base = renderTurns(session, "u");
  const probed = renderTurns(session, "u", { tools: [] });
  const without = textOf(base);
  const prompt = textOf(probed);
  if (without === undefined) return { verdict: "unknown", evidence: undefined };
  const evidence = { base, probed };
  if (prompt === undefined) return { verdict: isRefused(probed) ? "refused" : "unknown", evidence };
  return { verdict: prompt === without ? "ignored" : "announced", evidence };
}
