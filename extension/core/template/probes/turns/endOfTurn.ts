import type { Span } from "../../../../base/text";
import type { JsonValue } from "../../../dataset/conversation";
import { ANSWER, SECOND_QUESTION, between, layoutOf, renderTurns } from "../conversation";
import type { Finding, Rendering, Verdicts } from "../probe";
import { type ProbeSession, textOf } from "../session";
import { ARGUMENT_VALUE, type CallForm, bestCall, callTurns, renderCall } from "../tools/toolConversation";
import { leadingToken } from "../specialToken";

/** What ends an assistant's turn: the text that the model must learn to stop at. */
export function probeEndOfTurn(session: ProbeSession): Finding<"end-of-turn"> {
  const layout = layoutOf(session);
  const evidence = { base: renderTurns(session, "ua"), probed: renderTurns(session, "uau") };
  if (layout === undefined) return { verdict: "unknown", evidence };
  const last = leadingToken(layout.afterLast, session.options);
  const earlier = leadingToken(layout.afterEarlier, session.options);
  const details = { last: last ?? null, earlier: earlier ?? null, text: layout.afterLast };
  return { verdict: verdictOf(session, last, earlier, layout.afterLast), evidence, details };
}

function verdictOf(session: ProbeSession, last: string | undefined, earlier: string | undefined, text: string): Verdicts["end-of-turn"] {
  if (last === undefined && earlier === undefined) return text.trim() === "" ? "none" : "text";
  if (last === undefined) return "history-only";
  if (earlier !== last) return earlier === undefined ? "last-only" : "varies";
  return last === session.options.variables["eos_token"] ? "eos" : "token";
}

/** Where the token is that ends the answer's turn. */
function closingSpan(session: ProbeSession, prompt: string): Span | undefined {
  const answer = prompt.indexOf(ANSWER);
  if (answer === -1) return undefined;
  const from = answer + ANSWER.length;
  const token = leadingToken(prompt.slice(from), session.options);
  if (token === undefined) return undefined;
  const start = prompt.indexOf(token, from);
  return { start, end: start + token.length };
}

/** Whether the end of the assistant's turn is trained. */
export function probeEndOfTurnMask(session: ProbeSession): Finding<"end-of-turn-mask"> {
  const base = renderTurns(session, "u");
  const probed = renderTurns(session, "ua");
  if (probed.outcome.kind !== "prompt") return { verdict: "unknown", evidence: undefined };
  const { text, generation } = probed.outcome;
  const evidence = { base, probed };
  if (generation.length === 0) return { verdict: "no-mask", evidence };
  const closing = closingSpan(session, text);
  if (closing === undefined) return { verdict: "unknown", evidence };
  const inside = generation.some(([start, end]) => start <= closing.start && end >= closing.end);
  return { verdict: inside ? "inside" : "outside", evidence, details: { token: text.slice(closing.start, closing.end) } };
}

/** What ends a turn that calls a tool. */
export function probeEndOfToolTurn(session: ProbeSession): Finding<"end-of-tool-turn"> {
  const best = bestCall(session);
  const layout = layoutOf(session);
  if (best?.parts.includes("value") !== true || layout === undefined) return { verdict: "unknown", evidence: undefined };
  const base = renderTurns(session, "ua");
  const probed = renderCall(session, best.form, "call");
  const usual = leadingToken(layout.afterLast, session.options);
  const tokens = closingTokens(session, probed);
  if (tokens === undefined || usual === undefined) return { verdict: "unknown", evidence: { base, probed } };
  const details: Record<string, JsonValue> = { usual, found: tokens, beforeQuestion: closedBeforeQuestion(session, best.form, usual) };
  const verdict = tokens.includes(usual) ? "same" : tokens.length > 0 ? "other" : "none";
  return { verdict, evidence: { base, probed }, details };
}

/** What looks like tokens after the call's last argument, from the last one on. */
function closingTokens(session: ProbeSession, rendering: Rendering): string[] | undefined {
  const prompt = textOf(rendering);
  const at = prompt?.lastIndexOf(ARGUMENT_VALUE) ?? -1;
  if (prompt === undefined || at === -1) return undefined;
  const tokens: string[] = [];
  for (let rest = prompt.slice(at + ARGUMENT_VALUE.length); rest !== ""; ) {
    const token = leadingToken(rest, session.options);
    rest = token === undefined ? rest.slice(1) : rest.slice(rest.indexOf(token) + token.length);
    if (token !== undefined) tokens.push(token);
  }
  return tokens;
}

/** Whether the token stands between the call and a question that follows its result; null where that does not render. */
function closedBeforeQuestion(session: ProbeSession, form: CallForm, usual: string): boolean | null {
  const { tools } = renderCall(session, form, "result").input;
  const question = session.message("user", SECOND_QUESTION);
  const prompt = textOf(session.render([...callTurns(session, form, "result"), question], tools === undefined ? {} : { tools }));
  return between(prompt ?? "", ARGUMENT_VALUE, SECOND_QUESTION)?.includes(usual) ?? null;
}
