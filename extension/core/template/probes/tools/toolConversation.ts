import type { JsonObject, JsonValue } from "../../../dataset/conversation";
import { QUESTION } from "../conversation";
import type { Rendering } from "../probe";
import { type ProbeSession, textOf } from "../session";

export const TOOL_NAME = "count_quolls";
export const TOOL_DESCRIPTION = "Counts the quolls of a forest.";
export const ARGUMENT_NAME = "forest_name";
export const ARGUMENT_VALUE = "Tarkine-West";
/** Nine letters and digits, as Mistral wants them. */
export const CALL_ID = "qZ7kWm3Xa";
export const RESULT = "There are 41 quolls.";
export const FINAL_ANSWER = "Forty-one of them.";

function describe(name: string, description: string, parameter: string): JsonObject {
  const properties = { [parameter]: { type: "string", description: "Which one." } };
  return { name, description, parameters: { type: "object", properties, required: [parameter] } };
}

const FUNCTION = describe(TOOL_NAME, TOOL_DESCRIPTION, ARGUMENT_NAME);

/** A tool as OpenAI's interface and `transformers` describe it. */
export const TOOLS: readonly JsonValue[] = [{ type: "function", function: FUNCTION }];
/** A tool as some older templates want it. */
export const BARE_TOOLS: readonly JsonValue[] = [FUNCTION];

/** Another tool than the one that is called, so that what stands in the prompt comes from the call. */
const OTHER_TOOLS: readonly JsonValue[] = [{ type: "function", function: describe("find_numbat", "Finds a numbat.", "region") }];

export type ArgumentForm = "mapping" | "string";

/** How a conversation with a call is given: templates differ in what they take. */
export interface CallForm {
  readonly arguments: ArgumentForm;
  readonly tools: boolean;
  /** What stands for the content that there is none of. */
  readonly content: "" | null;
}

/** In the order in which they are tried: the form that the documentation has comes first. */
export const CALL_FORMS: readonly CallForm[] = [
  { arguments: "mapping", tools: true, content: "" },
  { arguments: "mapping", tools: true, content: null },
  { arguments: "string", tools: true, content: "" },
  { arguments: "string", tools: true, content: null },
  { arguments: "mapping", tools: false, content: "" },
  { arguments: "string", tools: false, content: "" },
];

/** A turn that calls the tool. */
export function callMessage(form: CallForm): JsonObject {
  const values = { [ARGUMENT_NAME]: ARGUMENT_VALUE };
  // Spaced as Python's json.dumps does it.
  const given = form.arguments === "mapping" ? values : `{"${ARGUMENT_NAME}": "${ARGUMENT_VALUE}"}`;
  return { role: "assistant", content: form.content, tool_calls: [{ id: CALL_ID, type: "function", function: { name: TOOL_NAME, arguments: given } }] };
}

/** A question and the call that answers it, followed by its result and the final answer as far as they are asked for. */
export function callTurns(session: ProbeSession, form: CallForm, upTo: "call" | "result" | "answer"): JsonObject[] {
  const messages: JsonObject[] = [session.message("user", QUESTION), callMessage(form)];
  if (upTo !== "call") messages.push(session.message("tool", RESULT, { name: TOOL_NAME, tool_call_id: CALL_ID }));
  if (upTo === "answer") messages.push(session.message("assistant", FINAL_ANSWER));
  return messages;
}

export function renderCall(session: ProbeSession, form: CallForm, upTo: "call" | "result" | "answer", generation = false): Rendering {
  return session.render(callTurns(session, form, upTo), { generation, ...(form.tools ? { tools: OTHER_TOOLS } : {}) });
}

/** What must stand in the prompt of a call and its result. */
export const CALL_PARTS = { name: TOOL_NAME, argument: ARGUMENT_NAME, value: ARGUMENT_VALUE, result: RESULT } as const;

export type CallPart = keyof typeof CALL_PARTS;

function partsIn(prompt: string): CallPart[] {
  return (Object.keys(CALL_PARTS) as CallPart[]).filter((part) => prompt.includes(CALL_PARTS[part]));
}

/** The form of call that keeps the most, and what it keeps; undefined where none renders. */
export function bestCall(session: ProbeSession): { readonly form: CallForm; readonly rendering: Rendering; readonly parts: readonly CallPart[] } | undefined {
  let best: ReturnType<typeof bestCall>;
  for (const form of CALL_FORMS) {
    const rendering = renderCall(session, form, "answer");
    const prompt = textOf(rendering);
    if (prompt === undefined) continue;
    const parts = partsIn(prompt);
    if (best === undefined || parts.length > best.parts.length) best = { form, rendering, parts };
    if (parts.length === Object.keys(CALL_PARTS).length) break;
  }
  return best;
}

