import type { Conversation, Expected, Fault, JsonObject } from "./conversation";
import type { FieldMapping } from "./fields";

/** One row while it is read: the row, what its columns mean, and the faults found so far. */
export class Reading {
  readonly row: JsonObject;
  readonly fields: FieldMapping;
  readonly #faults: Fault[] = [];

  constructor(row: JsonObject, fields: FieldMapping) {
    this.row = row;
    this.fields = fields;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  fault(kind: Fault["kind"], pointer: string, field: string, expected: Expected): void {
    this.#faults.push({ kind, pointer, field, expected });
  }
}

/** What a format's reader gives: the conversations of the row. The caller adds what all formats share. */
export type ConversationReader = (reading: Reading) => readonly Conversation[];
