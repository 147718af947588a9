import { type VerdictTable, verdictTable } from "../../core/analysis/tokenVerdicts";
import type { Tokenizer } from "../../core/tokenizer/tokenizer";
import type { VerdictsRequest } from "../../core/weights/workerMethods";
import { type VerdictsOptions, modelVerdicts } from "./modelVerdicts";
import { readVerdicts, verdictKey, writeVerdicts } from "./verdictCache";

/**
 * The verdicts on all tokens of a model, which are kept on disk for as long as the model's files stay the same.
 * @throws as {@link modelVerdicts}
 */
export async function judgeTokens(request: Omit<VerdictsRequest, "ids">, tokenizer: Tokenizer, options: VerdictsOptions): Promise<VerdictTable> {
  // Undefined of a model on the network: of that, only the rows that are most often untrained are fetched, and the others
  // are known where they were measured before.
  const key = await verdictKey(request.model);
  const known = key === undefined ? undefined : await readVerdicts(key);
  if (known !== undefined) return known;
  const ids = key === undefined ? tokenizer.addedTokens.map(({ id }) => id) : undefined;
  const { verdicts } = await modelVerdicts({ ...request, ids }, options);
  const table = verdictTable(verdicts, tokenizer.vocabularySize);
  if (key !== undefined) await writeVerdicts(key, table);
  return table;
}
