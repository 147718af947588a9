import { renderTurns } from "../conversation";
import type { Evidence, Finding, Verdicts } from "../probe";
import { type ProbeSession, textOf } from "../session";

/** The variables that templates take the wish from. */
const SWITCHES = ["enable_thinking", "thinking"] as const;

/** Whether the template can be told to let the model think, and what it does untold. */
export function probeThinkingSwitch(session: ProbeSession): Finding<"thinking-switch"> {
  for (const variable of SWITCHES) {
    const evidence = switched(session, variable);
    const [on, off] = [textOf(evidence.base), textOf(evidence.probed)];
    if (on === undefined || off === undefined) return { verdict: "unknown", evidence };
    if (on === off) continue;
    const unset = textOf(renderTurns(session, "u", { generation: true, unset: variable }));
    return { verdict: untold(unset, on, off), evidence, details: { variable } };
  }
  return { verdict: "none", evidence: switched(session, SWITCHES[0]) };
}

/** The prompt of a question with the switch on, and with it off. */
function switched(session: ProbeSession, variable: string): Evidence {
  const [base, probed] = [true, false].map((value) => renderTurns(session, "u", { generation: true, variables: { [variable]: value } }));
  return { base, probed } as Evidence;
}

function untold(unset: string | undefined, on: string, off: string): Verdicts["thinking-switch"] {
  if (unset === undefined) return "unknown";
  if (unset === on) return "on";
  return unset === off ? "off" : "own";
}
