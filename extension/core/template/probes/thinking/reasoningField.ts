import type { JsonObject } from "../../../dataset/conversation";
import { ANSWER, QUESTION, SECOND_ANSWER, SECOND_QUESTION, renderTurns } from "../conversation";
import type { Evidence, Finding, Rendering } from "../probe";
import { type ProbeSession, textOf } from "../session";
import { CALL_ID, RESULT, TOOL_NAME, bestCall, callMessage } from "../tools/toolConversation";
import { THOUGHTS, keptThoughts } from "./thoughts";

/** The fields that reasoning is given in. */
const FIELDS = ["reasoning_content", "reasoning", "thinking"] as const;

/**
 * Whether reasoning that is given in a field of its own stands in the prompt, and in which fields it may be given. Templates
 * that have none of it with plain answers may have it with calls of tools.
 */
export function probeReasoningField(session: ProbeSession): Finding<"reasoning-field"> {
  const base = renderTurns(session, "uaua");
  if (textOf(base) === undefined) return { verdict: "unknown", evidence: undefined };
  const plain = grade(base, (field) => renderAnswers(session, field), { calls: false });
  if (plain.verdict !== "none" || bestCall(session)?.parts.includes("name") !== true) return plain;
  const called = grade(base, (field) => renderCalls(session, field), { calls: true });
  return called.verdict === "kept" || called.verdict === "last-only" ? called : plain;
}

function grade(base: Rendering, render: (field: string) => Rendering, details: JsonObject): Finding<"reasoning-field"> {
  const results = FIELDS.map((field) => ({ field, rendering: render(field) }));
  const read = results.filter(({ rendering }) => keptThoughts(rendering)?.includes(true) === true);
  const [shown = results[0]] = read;
  if (shown === undefined || shown.rendering.outcome.kind === "stopped") return { verdict: "unknown", evidence: undefined };
  const evidence: Evidence = { base, probed: shown.rendering };
  const found = { ...details, fields: read.map(({ field }) => field) };
  if (read.length === 0) return { verdict: "none", evidence, details: found };
  return { verdict: keptThoughts(shown.rendering)?.[0] === true ? "kept" : "last-only", evidence, details: found };
}

function renderAnswers(session: ProbeSession, field: string): Rendering {
  const [first, second] = THOUGHTS;
  return session.render([
    session.message("user", QUESTION),
    session.message("assistant", ANSWER, { [field]: first }),
    session.message("user", SECOND_QUESTION),
    session.message("assistant", SECOND_ANSWER, { [field]: second }),
  ]);
}

function renderCalls(session: ProbeSession, field: string): Rendering {
  const [first, second] = THOUGHTS;
  const { form } = bestCall(session) ?? {};
  if (form === undefined) return renderAnswers(session, field);
  return session.render([
    session.message("user", QUESTION),
    { ...callMessage(form), [field]: first },
    session.message("tool", RESULT, { name: TOOL_NAME, tool_call_id: CALL_ID }),
    session.message("assistant", ANSWER),
    session.message("user", SECOND_QUESTION),
    { ...callMessage(form), [field]: second },
  ]);
}
