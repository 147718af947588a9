import type { DocumentRow } from "../../analysis/documentRows";
import { type RowTrace, traceRow } from "../../analysis/rowTrace";
import type { TokenVerdicts } from "../../analysis/tokenVerdicts";
import type { FieldMapping } from "../../dataset/fields";
import { RowSource } from "../../jsonl/rowSource";
import type { PlacedTraining } from "../../training/placedTraining";
import type { PromptModel } from "../../model/promptModel";

/** The model that rows are rendered and tokenized with. */
export interface ModelInForce {
  readonly prompts: PromptModel;
  /** What is known of its embedding rows; undefined until they are measured, and where they cannot be. */
  readonly verdicts: TokenVerdicts | undefined;
  /** How it is trained, where files beside the data say it. */
  readonly training?: readonly PlacedTraining[] | undefined;
}

/** Rows whose traces are kept: a few screens of them. */
const MAX_ROWS = 400;
/** Text of rows whose traces are kept; a trace takes some tens of times as much memory. */
const MAX_LENGTH = 2 * 1024 * 1024;

/** Traces of the rows that were asked about last: a pointer rests in one row, and scrolling comes back to the same ones. */
export class RowTraces {
  readonly #traces = new Map<DocumentRow, RowTrace>();
  #model: PromptModel | undefined;
  #fields: FieldMapping | undefined;
  #length = 0;

  /** A row keeps its identity as long as its text stays the same. */
  of(row: DocumentRow, model: PromptModel, fields: FieldMapping): RowTrace {
    if (model !== this.#model || fields !== this.#fields) this.#clear(model, fields);
    let trace = this.#traces.get(row);
    if (trace === undefined) {
      trace = traceRow(new RowSource(row.text), model, fields);
      this.#length += row.text.length;
    } else this.#traces.delete(row);
    this.#traces.set(row, trace);
    this.#trim();
    return trace;
  }

  #clear(model: PromptModel, fields: FieldMapping): void {
    this.#traces.clear();
    this.#length = 0;
    this.#model = model;
    this.#fields = fields;
  }

  #trim(): void {
    for (const row of this.#traces.keys()) {
      if (this.#traces.size <= 1 || (this.#traces.size <= MAX_ROWS && this.#length <= MAX_LENGTH)) return;
      this.#traces.delete(row);
      this.#length -= row.text.length;
    }
  }
}
