import { renderTurns } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, textOf } from "../session";
import { CALL_FORMS, renderCall } from "../tools/toolConversation";

const PLANS = ["u", "ua", "uau", "uaua"] as const;

/** Whether turns render alike whatever follows them. */
export function probePrefixPreserving(session: ProbeSession): Finding<"prefix-preserving"> {
  const renderings = PLANS.map((plan) => renderTurns(session, plan));
  for (const [at, probed] of renderings.entries()) {
    const base = renderings[at - 1];
    if (base === undefined) continue;
    const [shorter, longer] = [textOf(base), textOf(probed)];
    if (shorter === undefined || longer === undefined) return { verdict: "unknown", evidence: { base, probed } };
    if (!longer.startsWith(shorter)) return { verdict: "no", evidence: { base, probed }, details: { turns: at } };
  }
  const [base, probed] = renderings.slice(-2);
  return { verdict: "yes", evidence: base === undefined || probed === undefined ? undefined : { base, probed } };
}

/**
 * Whether the result of a tool, and the generation prompt after it, only add to the conversation up to the call. Source: TRL,
 * is_chat_template_prefix_preserving.
 */
export function probeToolPrefixPreserving(session: ProbeSession): Finding<"tool-prefix-preserving"> {
  for (const form of CALL_FORMS) {
    const base = renderCall(session, form, "call");
    const probed = renderCall(session, form, "result", true);
    const [shorter, longer] = [textOf(base), textOf(probed)];
    if (shorter === undefined || longer === undefined) continue;
    return { verdict: longer.startsWith(shorter) ? "yes" : "no", evidence: { base, probed }, details: { arguments: form.arguments } };
  }
  return { verdict: "unknown", evidence: undefined };
}
