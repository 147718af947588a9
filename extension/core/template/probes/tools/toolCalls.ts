import { QUESTION } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";
import { CALL_FORMS, CALL_ID, CALL_PARTS, type CallForm, type CallPart, FINAL_ANSWER, bestCall, renderCall } from "./toolConversation";

/**
 * Whether calls of tools and their results stand in the prompt, by four texts: the function's name, an argument's name and
 * value, and the result. Source of the idea: TRL, supports_tool_calling.
 */
export function probeToolCalls(session: ProbeSession): Finding<"tool-calls"> {
  const base = session.render([session.message("user", QUESTION), session.message("assistant", FINAL_ANSWER)]);
  if (textOf(base) === undefined) return { verdict: "unknown", evidence: undefined };
  const best = bestCall(session);
  if (best === undefined) {
    const probed = renderCall(session, CALL_FORMS[0] as CallForm, "answer");
    return { verdict: isRefused(probed) ? "refused" : "unknown", evidence: { base, probed } };
  }
  const all = Object.keys(CALL_PARTS) as CallPart[];
  const missing = all.filter((part) => !best.parts.includes(part));
  const verdict = missing.length === 0 ? "kept" : missing.length === all.length ? "dropped" : "partial";
  const { form, rendering } = best;
  const id = textOf(rendering)?.includes(CALL_ID) === true;
  const details = { missing, id, arguments: form.arguments, tools: form.tools, content: form.content };
  return { verdict, evidence: { base, probed: rendering }, details };
}
