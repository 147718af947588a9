import type { RowTokens } from "../../core/playground/workerMethods";
import type { Scorer } from "../../node/scoring/scoreRows";
import type { ScoreRequest, ScoreResult } from "../../protocol/sidecar";
import type { LocalModel } from "../inference/localModel";

/** Scores rows with a model that runs here. The model is loaded with the first row. */
export class LocalScorer implements Scorer {
  readonly #model: LocalModel;
  readonly #fields: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /** @param fields the setting `tunesmith.fields` of the dataset */
  constructor(model: LocalModel, fields: Readonly<Record<string, string>>, signal: AbortSignal) {
    this.#model = model;
    this.#fields = fields;
    this.#signal = signal;
  }

  rowTokens(row: string): Promise<readonly RowTokens[]> {
    return this.#model.prompts.request("rowTokens", { row, fields: this.#fields }, this.#signal);
  }

  async score(request: ScoreRequest): Promise<ScoreResult> {
    const loaded = await this.#model.load(this.#signal);
    return await loaded.score(request, { signal: this.#signal });
  }
}
