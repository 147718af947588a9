/** One step into a value. */
export type Step =
  | { readonly kind: "field"; readonly name: string }
  /** An element of a list. */
  | { readonly kind: "element" }
  /** A field whose name the template does not say, or an element. */
  | { readonly kind: "any" }
  /** Any number of steps: where a template walks down a tree. */
  | { readonly kind: "below" };

export const ELEMENT: Step = { kind: "element" };
export const ANY: Step = { kind: "any" };
const BELOW: Step = { kind: "below" };

/** How many steps a place has before all that lies below it counts as one. JSON schemas of tools are the deepest that templates look into. */
const MAX_STEPS = 16;

/** How many places are told apart. */
const MAX_PLACES = 4_000;

/**
 * A part of what the template is given: `messages[].tool_calls[].function.name`. Within one analysis equal places are the same
 * object.
 */
export class Place {
  readonly kind = "place";
  readonly parent: Place | undefined;
  /** The variable that it is a part of. */
  readonly root: string;
  readonly steps: readonly Step[];
  /** As people read it. Steps are `.name`, `[]`, `.*` and `.**`; a name that is no word is in quotes. */
  readonly text: string;
  readonly #count: { places: number };
  readonly #children = new Map<string, Place>();
  #derived: Derived | undefined;

  private constructor(parent: Place | undefined, root: string, step: Step | undefined, count: { places: number }) {
    this.parent = parent;
    this.root = root;
    this.steps = parent === undefined || step === undefined ? [] : [...parent.steps, step];
    this.text = parent === undefined || step === undefined ? root : parent.text + stepText(step);
    this.#count = count;
  }

  /** The places of one analysis, by the variables that they begin at. */
  static roots(): (name: string) => Place {
    const count = { places: 0 };
    const roots = new Map<string, Place>();
    return (name) => {
      let root = roots.get(name);
      if (root === undefined) roots.set(name, (root = new Place(undefined, name, undefined, count)));
      return root;
    };
  }

  /** A part of it. Too deep or too many parts are taken together as all that is {@link below}. */
  child(step: Step): Place {
    if (step.kind === "below" && this.isBelow) return this;
    const key = stepText(step);
    const known = this.#children.get(key);
    if (known !== undefined) return known;
    if (step.kind !== "below" && (this.steps.length >= MAX_STEPS || this.#count.places >= MAX_PLACES)) return this.#widest().below;
    this.#count.places++;
    const child = new Place(this, this.root, step, this.#count);
    this.#children.set(key, child);
    return child;
  }

  /** The part that is itself or anything below it. */
  get below(): Place {
    return this.child(BELOW);
  }

  get isBelow(): boolean {
    return this.steps.at(-1)?.kind === "below";
  }

  /** What it stands for all that lies below of, or itself. */
  get covered(): Place {
    return this.isBelow && this.parent !== undefined ? this.parent : this;
  }

  /** A text or other plain value that is made of it, such as its trimmed text. */
  get derived(): Derived {
    this.#derived ??= { kind: "derived", place: this };
    return this.#derived;
  }

  /** Whether it is `other` or a part of it. */
  within(other: Place): boolean {
    return this === other || this.parent?.within(other) === true;
  }

  /** Where there are too many places, the variable itself stands for them. */
  #widest(): Place {
    return this.#count.places < MAX_PLACES || this.parent === undefined ? this : this.parent.#widest();
  }
}

/** What a template makes of a place by printing, trimming, splitting and so on: it has no fields of its own. */
export interface Derived {
  readonly kind: "derived";
  readonly place: Place;
}

const WORD = /^[\p{L}_][\p{L}\p{N}_]*$/u;

function stepText(step: Step): string {
  switch (step.kind) {
    case "field":
      return WORD.test(step.name) ? `.${step.name}` : `[${JSON.stringify(step.name)}]`;
    case "element":
      return "[]";
    case "any":
      return ".*";
    case "below":
      return ".**";
  }
}

/** Whether the steps lead, or may lead, to what lies at `path`: field names and indexes from the variable on. */
export function stepsMatch(steps: readonly Step[], path: readonly (string | number)[]): boolean {
  // The places in `path` that can be reached with the steps so far.
  let reached = new Set([0]);
  for (const step of steps) {
    const next = new Set<number>();
    for (const at of reached) {
      if (step.kind === "below") for (let to = at; to <= path.length; to++) next.add(to);
      else if (at < path.length && stepFits(step, path[at] as string | number)) next.add(at + 1);
    }
    reached = next;
  }
  return reached.has(path.length);
}

function stepFits(step: Step, key: string | number): boolean {
  if (step.kind === "field") return step.name === key;
  return step.kind === "any" || (step.kind === "element" && typeof key === "number");
}
