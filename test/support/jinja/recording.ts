import type { JsonValue } from "../../../extension/core/dataset/conversation";
import { hashKey } from "../../../extension/core/jinja/value/hash";
import { fromJson } from "../../../extension/core/jinja/value/json";
import { type Str, textOf } from "../../../extension/core/jinja/value/text";
import { type HashKey, PyDict, type Value } from "../../../extension/core/jinja/value/types";

/** What a render did with a dict of its input. */
export interface LookUp {
  /** Names and indexes from the variable on; for `names`, the dict's own path. */
  readonly path: readonly (string | number)[];
  /** It took the value, asked whether there is one, or went through the names. */
  readonly kind: "value" | "presence" | "names";
}

interface Entry {
  readonly key: Value;
  value: Value;
}

/** A dict's entries, which put down every look-up. */
class RecordingEntries extends Map<HashKey, Entry> {
  readonly #path: readonly (string | number)[];
  readonly #note: (lookUp: LookUp) => void;

  constructor(path: readonly (string | number)[], note: (lookUp: LookUp) => void) {
    super();
    this.#path = path;
    this.#note = note;
  }

  override get(key: HashKey): Entry | undefined {
    this.#note({ path: [...this.#path, nameOf(key)], kind: "value" });
    return super.get(key);
  }

  override has(key: HashKey): boolean {
    this.#note({ path: [...this.#path, nameOf(key)], kind: "presence" });
    return super.has(key);
  }

  override *values(): MapIterator<Entry> {
    this.#note({ path: this.#path, kind: "names" });
    for (const entry of super.values()) yield this.#recording(entry);
  }

  override *entries(): MapIterator<[HashKey, Entry]> {
    this.#note({ path: this.#path, kind: "names" });
    for (const [hash, entry] of super.entries()) yield [hash, this.#recording(entry)];
  }

  override [Symbol.iterator](): MapIterator<[HashKey, Entry]> {
    return this.entries();
  }

  #recording({ key, value }: Entry): Entry {
    const note = this.#note;
    const path = [...this.#path, textOf(key as Str)];
    return {
      key,
      get value(): Value {
        note({ path, kind: "value" });
        return value;
      },
    };
  }
}

/** Of keys that are no names it is enough that there is one. */
function nameOf(key: HashKey): string {
  return typeof key === "string" ? key : `(${typeof key})`;
}

/** A value as a template sees it, whose dicts put down what is looked up in them. */
export function recordingValue(json: JsonValue, path: readonly (string | number)[], note: (lookUp: LookUp) => void): Value {
  if (typeof json !== "object" || json === null) return fromJson(json);
  if (isArray(json)) return json.map((item, at) => recordingValue(item, [...path, at], note));
  const entries = new RecordingEntries(path, note);
  for (const [key, value] of Object.entries(json)) entries.set(hashKey(key), { key, value: recordingValue(value, [...path, key], note) });
  return new PyDict(entries);
}

function isArray(json: object): json is readonly JsonValue[] {
  return Array.isArray(json);
}
