import type { ParsedTemplate } from "../../jinja/syntax/parser";
import { type FieldRead, Recorder, type RoleRead, type VariableRead } from "./recorder";
import { callUncalled, runTemplate } from "./statements";
import { type TokenText, findTokenTexts } from "./tokens";
import { GaveUp, Trace } from "./trace";

/** What a template reads, found without rendering it. Each list is in the order of the first use. */
export interface TemplateReads {
  /** The variables that it takes from its context, the functions of the environment among them. */
  readonly variables: readonly VariableRead[];
  /** The parts of these variables that it reads. */
  readonly fields: readonly FieldRead[];
  /** The roles that it compares those of messages with. */
  readonly roles: readonly RoleRead[];
  /** Texts in it that look like special tokens. */
  readonly tokens: readonly TokenText[];
  /** False where the template is too large or intricate to be gone through: there may be reads that are not here. */
  readonly complete: boolean;
}

/** How often the template is gone through until nothing new shows up. */
const MAX_ROUNDS = 50;

/**
 * Finds what a template reads, by following the values through assignments, loops and macros. It is careful: whatever a
 * render may look up is reported, or lies in a part whose access is `whole`, `every` or `unknown`, as long as `complete` holds.
 * Never throws. @param source of which `template` is the parse.
 */
export function findReads(source: string, template: ParsedTemplate): TemplateReads {
  const recorder = new Recorder();
  const complete = follow(new Trace(template.tree, recorder));
  return {
    variables: recorder.variables(),
    fields: recorder.fields(),
    roles: recorder.roles(),
    tokens: findTokenTexts(source, template.tokens),
    complete,
  };
}

/** Goes through the template until nothing grows. Returns whether it came to that. */
function follow(trace: Trace): boolean {
  try {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      // The last round sees everything, and what earlier ones took for several parts may have become one.
      trace.recorder.clear();
      if (!trace.grows(() => runTemplate(trace)) && !trace.grows(() => callUncalled(trace))) return true;
    }
    return false;
  } catch (error) {
    // A tree deeper than the stack is too intricate too.
    if (error instanceof GaveUp || error instanceof RangeError) return false;
    throw error;
  }
}
