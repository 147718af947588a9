import type { ModelVerdicts } from "../../node/weights/modelVerdicts";
import { jsonText } from "../report/reporter";

/** The report for machines: one object on one line. Keys are part of the interface; see `version`. */
export function untrainedJson({ report, dtype, input, output }: ModelVerdicts, seconds: number): string {
  const { rows, columns, tied, zeroInput, zeroOutput, unsloth, exempt, suspects, threshold, indicator, noToken } = report;
  return jsonText({
    version: 1,
    rows,
    columns,
    dtype,
    tied,
    input,
    output: output ?? null,
    zeroInput,
    zeroOutput,
    unsloth,
    exempt,
    suspect: suspects,
    // JSON has no NaN: there is no threshold where there are no tokens.
    threshold: Number.isNaN(threshold) ? null : threshold,
    indicator: indicator.kind,
    noToken,
    seconds: Math.round(seconds * 1000) / 1000,
  });
}
