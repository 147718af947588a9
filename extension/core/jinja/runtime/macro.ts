import { JinjaError } from "../errors";
import { repr } from "../value/repr";
import { type CallArguments, MISSING, PyDict, PyObject, PyTuple, Undefined, type Value } from "../value/types";
import { dictSet } from "../value/hash";

/** What is known of a macro before it is called. */
export interface MacroShape {
  /** Undefined for the body of a call block. */
  readonly name: string | undefined;
  readonly parameters: readonly string[];
  readonly takesCaller: boolean;
  readonly explicitCaller: boolean;
  readonly takesNamed: boolean;
  readonly takesMore: boolean;
}

/** A macro, or the body of a call block, bound to the variables around it. */
export class Macro extends PyObject {
  readonly typeName = "Macro";
  override readonly callable = true;
  readonly #shape: MacroShape;
  readonly #invoke: (values: readonly (Value | typeof MISSING)[]) => Value;

  constructor(shape: MacroShape, invoke: (values: readonly (Value | typeof MISSING)[]) => Value) {
    super();
    this.#shape = shape;
    this.#invoke = invoke;
  }

  override repr(): string {
    const { name } = this.#shape;
    return name === undefined ? "<Macro anonymous>" : `<Macro ${repr(name)}>`;
  }

  override attribute(name: string): Value | undefined {
    const shape = this.#shape;
    switch (name) {
      case "name":
        return shape.name ?? null;
      case "arguments":
        return new PyTuple(shape.parameters);
      case "caller":
        return shape.takesCaller;
      case "catch_kwargs":
        return shape.takesNamed;
      case "catch_varargs":
        return shape.takesMore;
      default:
        return undefined;
    }
  }

  /** Gives every parameter a value, then `caller`, `kwargs` and `varargs` where the macro uses them. */
  override call({ positional, named }: CallArguments): Value {
    const { parameters, takesCaller, explicitCaller, takesNamed, takesMore } = this.#shape;
    const rest = new Map(named);
    const values: (Value | typeof MISSING)[] = positional.slice(0, parameters.length);
    let callerGiven = values.length === parameters.length && explicitCaller;
    for (const name of parameters.slice(values.length)) {
      const value = rest.get(name);
      rest.delete(name);
      if (name === "caller") callerGiven = true;
      values.push(value === undefined ? MISSING : value);
    }
    if (takesCaller && !callerGiven) {
      const caller = rest.get("caller");
      rest.delete("caller");
      values.push(caller ?? new Undefined("caller", MISSING, "No caller defined"));
    }
    if (takesNamed) values.push(dictOf(rest));
    else if (rest.size > 0) this.#refuse(rest);
    if (takesMore) values.push(new PyTuple(positional.slice(parameters.length)));
    else if (positional.length > parameters.length) {
      throw new JinjaError("TypeError", `macro ${this.#name()} takes not more than ${parameters.length} argument(s)`);
    }
    return this.#invoke(values);
  }

  #refuse(rest: ReadonlyMap<string, Value>): never {
    if (rest.has("caller")) {
      throw new JinjaError(
        "TypeError",
        `macro ${this.#name()} was invoked with two values for the special caller argument. This is most likely a bug.`,
      );
    }
    const [first] = rest.keys();
    throw new JinjaError("TypeError", `macro ${this.#name()} takes no keyword argument ${repr(first ?? "")}`);
  }

  #name(): string {
    return this.#shape.name === undefined ? "None" : repr(this.#shape.name);
  }
}

function dictOf(entries: ReadonlyMap<string, Value>): PyDict {
  const dict = new PyDict();
  for (const [key, value] of entries) dictSet(dict, key, value);
  return dict;
}
