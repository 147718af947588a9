import { ANSWER, QUESTION, SECOND_ANSWER, SECOND_QUESTION, renderTurns } from "../conversation";
import type { Evidence, Finding } from "../probe";
import { type ProbeSession, textOf } from "../session";
import { THOUGHTS, keptThoughts } from "./thoughts";

/** What becomes of the thoughts that stand in the content of earlier turns. */
export function probeThinkingHistory(session: ProbeSession): Finding<"thinking-history"> {
  const [first, second] = THOUGHTS;
  const probed = session.render([
    session.message("user", QUESTION),
    session.message("assistant", `<think>\n${first}\n</think>\n\n${ANSWER}`),
    session.message("user", SECOND_QUESTION),
    session.message("assistant", `<think>\n${second}\n</think>\n\n${SECOND_ANSWER}`),
  ]);
  const evidence: Evidence = { base: renderTurns(session, "uaua"), probed };
  const [earlier, last] = keptThoughts(probed) ?? [];
  if (earlier === undefined) return { verdict: "unknown", evidence };
  return { verdict: earlier ? "kept" : last === true ? "last-only" : "stripped", evidence };
}

const EMPTY_BLOCK = /<think>\s*<\/think>/;

/** Whether turns without reasoning get an empty block, which the model then learns to write. */
export function probeEmptyThinking(session: ProbeSession): Finding<"empty-thinking"> {
  const evidence: Evidence = { base: renderTurns(session, "u"), probed: renderTurns(session, "uaua") };
  const prompt = textOf(evidence.probed);
  if (prompt === undefined) return { verdict: "unknown", evidence };
  const at = prompt.indexOf(SECOND_QUESTION);
  const [earlier, last] = [prompt.slice(0, at), prompt.slice(at)].map((part) => EMPTY_BLOCK.test(part));
  return { verdict: earlier === true ? "every" : last === true ? "last-only" : "none", evidence };
}
