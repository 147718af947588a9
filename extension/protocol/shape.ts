import { TunesmithError } from "../base/errors";

/**
 * Reads a value that another, less trusted side has sent: a copy that holds what the type says and nothing else.
 * `path` names the value in errors. @throws TunesmithError `bad-message`
 */
export type Shape<T> = (value: unknown, path: string) => T;

/** What a {@link Shape} gives. */
export type Shaped<S> = S extends Shape<infer T> ? T : never;

/** Text of at most `maxLength` UTF-16 units. */
export function text(maxLength: number): Shape<string> {
  return (value, path) => {
    if (typeof value !== "string") throw mismatch(path, "a text");
    if (value.length > maxLength) throw mismatch(path, `a text of at most ${maxLength} characters`);
    return value;
  };
}

/** An integer in `[min, max]`. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return (value, path) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < min || value > max) {
      throw mismatch(path, `an integer from ${min} to ${max}`);
    }
    return value;
  };
}

/** A finite number in `[min, max]`. */
export function number(min: number, max: number): Shape<number> {
  return (value, path) => {
    if (typeof value !== "number" || !(value >= min && value <= max)) throw mismatch(path, `a number from ${min} to ${max}`);
    return value;
  };
}

export const flag: Shape<boolean> = (value, path) => {
  if (typeof value !== "boolean") throw mismatch(path, "true or false");
  return value;
};

export const nothing: Shape<null> = (value, path) => {
  if (value !== null && value !== undefined) throw mismatch(path, "nothing");
  return null;
};

/** One of these texts. */
export function oneOf<const Value extends string>(...values: readonly Value[]): Shape<Value> {
  return (value, path) => {
    const found = values.find((each) => each === value);
    if (found === undefined) throw mismatch(path, `one of ${values.join(", ")}`);
    return found;
  };
}

/** An array of at most `maxLength` items. */
export function listOf<T>(item: Shape<T>, maxLength: number): Shape<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value) || value.length > maxLength) throw mismatch(path, `a list of at most ${maxLength} items`);
    return value.map((each, index) => item(each, `${path}[${index}]`));
  };
}

/** An object used as a table from any text to values of one kind, with at most `maxSize` entries. */
export function tableOf<T>(item: Shape<T>, maxSize: number): Shape<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = Object.entries(objectAt(value, path));
    if (entries.length > maxSize) throw mismatch(path, `a table of at most ${maxSize} entries`);
    return Object.fromEntries(entries.map(([key, each]) => [key, item(each, `${path}.${key}`)]));
  };
}

/** An object with these members; others are left out. */
export function object<T extends object>(members: { readonly [Key in keyof T]: Shape<T[Key]> }): Shape<T> {
  const shapes = Object.entries<Shape<unknown>>(members);
  return (value, path) => {
    const given = objectAt(value, path);
    const read = shapes.map(([key, shape]) => [key, shape(Object.hasOwn(given, key) ? given[key] : undefined, `${path}.${key}`)]);
    return Object.fromEntries(read) as T;
  };
}

/** What `shape` takes, or null, as which undefined is read too: JSON leaves it out. */
export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null || value === undefined ? null : shape(value, path));
}

/** The first of the shapes that takes the value. */
export function anyOf<T>(...shapes: readonly Shape<T>[]): Shape<T> {
  return (value, path) => {
    let last: unknown = mismatch(path, "something else");
    for (const shape of shapes) {
      try {
        return shape(value, path);
      } catch (error) {
        last = error;
      }
    }
    throw last;
  };
}

/** What `shape` reads, or undefined where the value does not fit: for state that an older version has left behind. */
export function readOr<T>(shape: Shape<T>, value: unknown): T | undefined {
  try {
    return shape(value, "state");
  } catch {
    return undefined;
  }
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw mismatch(path, "an object");
  return value as Readonly<Record<string, unknown>>;
}

function mismatch(path: string, expected: string): TunesmithError {
  return new TunesmithError("bad-message", `'${path}' should be ${expected}.`);
}
