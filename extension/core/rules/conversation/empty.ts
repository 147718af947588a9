import type { SampleRule } from "../rule";

/** A list of turns has none. */
export const empty: SampleRule = {
  meta: {
    id: "conversation/empty",
    severity: "error",
    description: "A conversation, or one side of it, is an empty list. Trainers stop at the row or drop it.",
  },
  check(sample, report) {
    for (const fault of sample.faults) {
      if (fault.kind !== "empty") continue;
      const message = `\`${fault.field}\` is an empty list. Give it messages or remove the row.`;
      report({ place: { pointer: fault.pointer }, message, data: { field: fault.field } });
    }
  },
};
