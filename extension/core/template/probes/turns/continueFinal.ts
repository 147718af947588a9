import { QUESTION } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";

/** The space at the end is what the reference looks for to tell whether the template trims. */
const BEGUN = "Quokkas mostly eat ";

/** Whether the final message can be continued where it breaks off. */
export function probeContinueFinal(session: ProbeSession): Finding<"continue-final"> {
  const messages = [session.message("user", QUESTION), session.message("assistant", BEGUN)];
  const base = session.render(messages);
  const probed = session.render(messages, { continueFinal: true });
  const evidence = { base, probed };
  if (textOf(base) === undefined) return { verdict: "unknown", evidence };
  const prompt = textOf(probed);
  if (prompt === undefined) return { verdict: isRefused(probed) ? "refused" : "unknown", evidence };
  if (prompt.endsWith(BEGUN)) return { verdict: "works", evidence };
  return { verdict: prompt.endsWith(BEGUN.trimEnd()) ? "trimmed" : "wrong", evidence };
}
