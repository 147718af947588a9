import { renderTurns } from "../conversation";
import type { Evidence, Finding, Verdicts } from "../probe";
import { type ProbeSession, textOf } from "../session";

/**
 * Whether both the template and the tokenizer put BOS before the prompt: then a trainer that does not keep one of them from it
 * shows the model two.
 */
export function probeDoubleBos(session: ProbeSession): Finding<"double-bos"> {
  const { variables } = session.options;
  const evidence: Evidence = { base: renderTurns(session, "u"), probed: renderTurns(session, "ua") };
  const prompt = textOf(evidence.probed);
  const bos = variables["bos_token"];
  const adds = addsBos(session, bos);
  if (prompt === undefined || typeof bos !== "string" || bos === "") return { verdict: "unknown", evidence };
  // White space that a careless template leaves before it changes nothing.
  const writes = prompt.trimStart().startsWith(bos);
  // Without word of the tokenizer, what the template does not do may still be done.
  if (adds === undefined) return { verdict: writes ? "template" : "unknown", evidence };
  return { verdict: verdictOf(writes, adds), evidence };
}

function verdictOf(writes: boolean, adds: boolean): Verdicts["double-bos"] {
  if (writes) return adds ? "double" : "template";
  return adds ? "tokenizer" : "none";
}

/** Whether the tokenizer puts BOS before a text: before BOS itself it then stands twice. Undefined where nothing is known. */
function addsBos({ options: { addsBos: said, encode } }: ProbeSession, bos: unknown): boolean | undefined {
  if (encode === undefined || typeof bos !== "string" || bos === "") return said;
  const [first, second] = encode(bos);
  return first !== undefined && first === second;
}
