import type { Span } from "../../../base/text";
import { type Place, type Step, stepsMatch } from "./place";

/**
 * How a value is read.
 * - `value`: it is looked up by its name.
 * - `presence`: the template asks whether it is there.
 * - `names`: the names of all its fields are looked at.
 * - `every`: each of its fields, or one whose name only shows when it is rendered.
 * - `whole`: it is printed, serialised or compared, with all that is in it.
 * - `unknown`: it goes where the analysis does not follow: anything in it may be read.
 */
export type Access = "value" | "presence" | "names" | "every" | "whole" | "unknown";

/** A part of the input that the template reads. */
export interface FieldRead {
  /** `messages[].content`: `.name` is a field, `[]` an element, `.*` any one step and `.**` any number of steps. */
  readonly path: string;
  /** The variable at which the path begins. */
  readonly variable: string;
  /** The same as steps from the variable on. */
  readonly steps: readonly Step[];
  readonly access: Access;
  /** False where it depends on the value whether this is a read: `'x' in value` may look for a field, or into a text. */
  readonly certain: boolean;
  /** Where in the template, in order. */
  readonly uses: readonly Span[];
}

/** What a variable is for. `helper` is a function that the environment offers; `other` is what the caller must give. */
export type VariableKind = "argument" | "special-token" | "helper" | "other";

/** A variable that the template takes from its context. */
export interface VariableRead {
  readonly name: string;
  readonly kind: VariableKind;
  /** Whether the template somewhere asks if it is there, or gives a default for it. */
  readonly optional: boolean;
  readonly uses: readonly Span[];
}

/** A role that the template looks for in messages. */
export interface RoleRead {
  readonly role: string;
  readonly uses: readonly Span[];
}

/** The functions that the environment of chat templates offers. */
export const HELPERS: ReadonlySet<string> = new Set(["range", "dict", "lipsum", "cycler", "joiner", "namespace", "raise_exception", "strftime_now"]);

const ARGUMENTS: ReadonlySet<string> = new Set(["messages", "tools", "documents", "add_generation_prompt"]);

interface Entry {
  readonly place: Place;
  readonly access: Access;
  certain: boolean;
  readonly uses: Map<string, Span>;
}

/** Collects what is read, each use once. */
export class Recorder {
  readonly #fields = new Map<string, Entry>();
  readonly #variables = new Map<string, { optional: boolean; readonly uses: Map<string, Span> }>();
  readonly #roles = new Map<string, Map<string, Span>>();

  field(place: Place, access: Access, span: Span, certain = true): void {
    const key = `${access} ${place.text}`;
    let entry = this.#fields.get(key);
    if (entry === undefined) this.#fields.set(key, (entry = { place, access, certain, uses: new Map() }));
    entry.certain ||= certain;
    note(entry.uses, span);
  }

  variable(name: string, span: Span, optional: boolean): void {
    let entry = this.#variables.get(name);
    if (entry === undefined) this.#variables.set(name, (entry = { optional, uses: new Map() }));
    entry.optional ||= optional;
    note(entry.uses, span);
  }

  role(role: string, span: Span): void {
    let uses = this.#roles.get(role);
    if (uses === undefined) this.#roles.set(role, (uses = new Map<string, Span>()));
    note(uses, span);
  }

  clear(): void {
    for (const reads of [this.#fields, this.#variables, this.#roles]) reads.clear();
  }

  fields(): FieldRead[] {
    const reads = [...this.#fields.values()].map(({ place, access, certain, uses }) => ({
      path: place.text,
      variable: place.root,
      steps: place.steps,
      access,
      certain,
      uses: inOrder(uses),
    }));
    return byFirstUse(reads);
  }

  variables(): VariableRead[] {
    return byFirstUse([...this.#variables].map(([name, { optional, uses }]) => ({ name, kind: kindOf(name), optional, uses: inOrder(uses) })));
  }

  roles(): RoleRead[] {
    return byFirstUse([...this.#roles].map(([role, uses]) => ({ role, uses: inOrder(uses) })));
  }
}

function kindOf(name: string): VariableKind {
  if (ARGUMENTS.has(name)) return "argument";
  if (HELPERS.has(name)) return "helper";
  return name.endsWith("_token") ? "special-token" : "other";
}

function note(uses: Map<string, Span>, span: Span): void {
  uses.set(`${span.start}-${span.end}`, span);
}

function inOrder(uses: ReadonlyMap<string, Span>): Span[] {
  return [...uses.values()].map(({ start, end }) => ({ start, end })).sort((a, b) => a.start - b.start || a.end - b.end);
}

function byFirstUse<T extends { readonly uses: readonly Span[] }>(reads: T[]): T[] {
  return reads.sort((a, b) => (a.uses[0]?.start ?? 0) - (b.uses[0]?.start ?? 0) || (a.uses[0]?.end ?? 0) - (b.uses[0]?.end ?? 0));
}

/**
 * Whether the template may look at what lies at `path` of its input: names and indexes from the variable on, as in
 * `["messages", 0, "content"]`.
 */
export function mayRead(fields: readonly FieldRead[], path: readonly (string | number)[]): boolean {
  const [variable, ...rest] = path;
  return fields.some((read) => {
    if (read.variable !== variable) return false;
    switch (read.access) {
      case "names":
        return false;
      case "every":
        return stepsMatch([...read.steps, { kind: "any" }], rest);
      case "whole":
      case "unknown":
        return stepsMatch([...read.steps, { kind: "below" }], rest);
      default:
        return stepsMatch(read.steps, rest);
    }
  });
}
