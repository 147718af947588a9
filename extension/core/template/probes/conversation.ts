import { commonPrefixLength } from "../../../base/text";
import type { JsonObject } from "../../dataset/conversation";
import { type RenderChoice, type ProbeSession, textOf } from "./session";
import type { Rendering } from "./probe";
import { findControlTokens, leadingToken } from "./specialToken";

/** Texts that stand in no template: where they turn up in a prompt, they come from the conversation. */
export const SYSTEM = "Answer like a wombat would.";
export const QUESTION = "What do quokkas eat?";
export const ANSWER = "Quokkas eat swamp peppermint.";
export const SECOND_QUESTION = "And numbats?";
export const SECOND_ANSWER = "Numbats eat termites only.";

/** The turns of a conversation: `s`ystem, `u`ser and `a`ssistant, whose texts are the ones above, in order. */
export function turns(session: ProbeSession, plan: string): JsonObject[] {
  const texts = { s: [SYSTEM], u: [QUESTION, SECOND_QUESTION], a: [ANSWER, SECOND_ANSWER] };
  const roles = { s: "system", u: "user", a: "assistant" } as const;
  return Array.from(plan, (letter) => {
    const kind = letter as keyof typeof roles;
    return session.message(roles[kind], texts[kind].shift() ?? "");
  });
}

export function renderTurns(session: ProbeSession, plan: string, choice?: RenderChoice): Rendering {
  return session.render(turns(session, plan), choice);
}

/** What stands around the turns of a plain conversation. */
export interface Layout {
  /** Before the second question, behind the end of the answer: empty where users' turns have no beginning. */
  readonly userHeader: string;
  /** After the answer, when it is the last of the conversation. */
  readonly afterLast: string;
  /** After the answer, when a question follows: up to where the user's turn begins. */
  readonly afterEarlier: string;
}

/** Finds the layout by rendering one and two questions; undefined where that does not render, or leaves texts out. */
export function layoutOf(session: ProbeSession): Layout | undefined {
  const one = textOf(renderTurns(session, "ua"));
  const two = textOf(renderTurns(session, "uau"));
  if (one === undefined || two === undefined) return undefined;
  const before = between(one, undefined, QUESTION);
  const toAnswer = between(two, QUESTION, ANSWER);
  const toQuestion = between(two, ANSWER, SECOND_QUESTION);
  const after = between(one, ANSWER, undefined);
  if (before === undefined || toAnswer === undefined || toQuestion === undefined || after === undefined) return undefined;
  const shared = after.slice(0, commonPrefixLength(after, toQuestion));
  const token = (text: string): string | undefined => leadingToken(text, session.options);
  // The beginning of a token is no end.
  const alike = token(shared) !== undefined || (shared === after && shared.trim() !== "");
  const afterEarlier = alike ? shared : endOfEarlier(before, toAnswer, toQuestion);
  // Some templates always end in the beginning of the next answer, which stands before this one too.
  const isHeader = token(after) !== undefined && token(afterEarlier) === undefined && token(after) === token(toAnswer);
  return { userHeader: toQuestion.slice(afterEarlier.length), afterLast: isHeader ? "" : after, afterEarlier };
}

/**
 * The end of an answer that ends otherwise than the last one does: what stands before the user's header, which the conversation
 * begins with too. A default system message before that may end like an answer; but then so does the question.
 */
function endOfEarlier(before: string, toAnswer: string, toQuestion: string): string {
  const shared = commonSuffix(before, toQuestion);
  const end = toQuestion.length - shared.length;
  if (end === 0) return toAnswer.slice(0, commonPrefixLength(toAnswer, toQuestion));
  const cut = findControlTokens(toQuestion).find((token) => token.start < end && end < token.end);
  return toQuestion.slice(0, cut?.end ?? end);
}

/** What stands between two texts of a prompt; from its beginning, or to its end, where one is left out. */
export function between(text: string, start: string | undefined, end: string | undefined): string | undefined {
  const from = start === undefined ? 0 : text.indexOf(start);
  if (from === -1) return undefined;
  const inside = from + (start?.length ?? 0);
  const to = end === undefined ? text.length : text.indexOf(end, inside);
  return to === -1 ? undefined : text.slice(inside, to);
}

function commonSuffix(a: string, b: string): string {
  let length = 0;
  while (length < a.length && length < b.length && a[a.length - 1 - length] === b[b.length - 1 - length]) length++;
  return a.slice(a.length - length);
}
