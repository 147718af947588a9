import { QUESTION, SYSTEM, between, layoutOf, renderTurns } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";

/** What becomes of a system message. */
export function probeSystemRole(session: ProbeSession): Finding<"system-role"> {
  const base = renderTurns(session, "u");
  const probed = renderTurns(session, "su");
  const evidence = { base, probed };
  const without = textOf(base);
  if (without === undefined) return { verdict: "unknown", evidence };
  const prompt = textOf(probed);
  if (prompt === undefined) return { verdict: isRefused(probed) ? "refused" : "unknown", evidence };
  if (!prompt.includes(SYSTEM)) return { verdict: "dropped", evidence };
  const gap = between(prompt, SYSTEM, QUESTION);
  const header = layoutOf(session)?.userHeader.trim() ?? "";
  // Where the user's turn begins after the system's text, that is no part of it.
  return { verdict: gap === undefined || header === "" || gap.includes(header) ? "kept" : "merged", evidence };
}
