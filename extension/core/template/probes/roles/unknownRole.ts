import { renderTurns, turns } from "../conversation";
import type { Finding } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";

const REMARK = "Quolls would disagree.";

/** What becomes of a message whose role is none of the usual ones, as from a mistake in the data. */
export function probeUnknownRole(session: ProbeSession): Finding<"unknown-role"> {
  const base = renderTurns(session, "ua");
  const probed = session.render([...turns(session, "ua"), session.message("critic", REMARK)]);
  const evidence = { base, probed };
  if (textOf(base) === undefined) return { verdict: "unknown", evidence };
  const prompt = textOf(probed);
  if (prompt === undefined) return { verdict: isRefused(probed) ? "refused" : "unknown", evidence };
  return { verdict: prompt.includes(REMARK) ? "rendered" : "dropped", evidence };
}
