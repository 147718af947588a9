import type { Finding, Rendering, Verdicts } from "../probe";
import { type ProbeSession, isRefused, textOf } from "../session";
import { ARGUMENT_NAME, ARGUMENT_VALUE, type ArgumentForm, type CallForm, bestCall, renderCall } from "./toolConversation";

/** How arguments of one form come out. `encoded`: as JSON inside a JSON text; `repr`: as Python writes a dict. */
type Grade = "good" | "encoded" | "repr" | "dropped" | "refused" | "unknown";

/** Whether the arguments of calls must be a mapping or a JSON text. */
export function probeToolArguments(session: ProbeSession): Finding<"tool-arguments"> {
  const best = bestCall(session);
  if (best === undefined) return { verdict: "unknown", evidence: undefined };
  const as = (form: ArgumentForm): Rendering => renderCall(session, { ...best.form, arguments: form } satisfies CallForm, "answer");
  const [mapping, string] = [as("mapping"), as("string")];
  const grades = { mapping: gradeOf(mapping), string: gradeOf(string) };
  const verdict = verdictOf(grades.mapping, grades.string);
  const details = { ...grades, same: textOf(mapping) !== undefined && textOf(mapping) === textOf(string) };
  return { verdict, evidence: { base: mapping, probed: string }, details };
}

function verdictOf(mapping: Grade, string: Grade): Verdicts["tool-arguments"] {
  if (mapping === "unknown" || string === "unknown") return "unknown";
  if (mapping === "dropped" && string === "dropped") return "dropped";
  if (mapping === "good") return string === "good" ? "both" : "mapping";
  return string === "good" ? "string" : "neither";
}

function gradeOf(rendering: Rendering): Grade {
  const prompt = textOf(rendering);
  if (prompt === undefined) return isRefused(rendering) ? "refused" : "unknown";
  const at = prompt.indexOf(ARGUMENT_NAME);
  if (at === -1 || !prompt.includes(ARGUMENT_VALUE)) return "dropped";
  const before = prompt.slice(Math.max(0, at - 2), at);
  if (before === '\\"') return "encoded";
  return before.endsWith("'") && prompt.startsWith("':", at + ARGUMENT_NAME.length) ? "repr" : "good";
}
