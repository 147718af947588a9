import { QUESTION } from "../conversation";
import type { ContentVerdict, Finding, Rendering } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";

const AS_TEXT = [{ role: "user", content: QUESTION }];
const AS_PARTS = [{ role: "user", content: [{ type: "text", text: QUESTION }] }];

/** Whether content may be a text. */
export function probeContentString(session: ProbeSession): Finding<"content-string"> {
  const [base, probed] = [session.render(AS_PARTS), session.render(AS_TEXT)];
  return { verdict: verdictOf(probed), evidence: { base, probed } };
}

/** Whether content may be a list of parts. */
export function probeContentParts(session: ProbeSession): Finding<"content-parts"> {
  const [base, probed] = [session.render(AS_TEXT), session.render(AS_PARTS)];
  return { verdict: verdictOf(probed), evidence: { base, probed } };
}

/** A list that is printed shows the names of its fields. */
const PRINTED = /['"]type['"]\s*:\s*['"]text['"]/;

function verdictOf(rendering: Rendering): ContentVerdict {
  const prompt = textOf(rendering);
  if (prompt === undefined) return isRefused(rendering) ? "refused" : "unknown";
  const at = prompt.indexOf(QUESTION);
  if (at === -1) return "dropped";
  // Instructions at the beginning of a prompt may speak of types; what was printed stands right before the text.
  return PRINTED.test(prompt.slice(Math.max(0, at - 40), at)) ? "repr" : "yes";
}
