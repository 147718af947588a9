import { JinjaLimitError } from "../errors";

/**
 * How often a template's names may be looked up or handed on from a branch to what is around it, before it is run. Real templates
 * need some thousands; branches deep in branches that all assign thousands of names would need billions.
 */
const MAX_NAME_STEPS = 4_000_000;

/** How a frame gets a variable when it is entered. */
export type Load =
  /** Given by who calls: a macro's parameter, a loop's target. */
  | { readonly action: "parameter" }
  /** Looked up in the context. */
  | { readonly action: "resolve"; readonly name: string }
  /** Starts with the value that an outer frame has. */
  | { readonly action: "alias"; readonly target: string }
  /** Starts out missing. */
  | { readonly action: "undefined" };

/**
 * The variables of one frame, found before it is compiled: Jinja decides statically whether a name is a local, an outer
 * local or comes from the context. A variable is identified by its frame's level and its name.
 */
export class Symbols {
  readonly level: number;
  readonly parent: Symbols | undefined;
  readonly refs = new Map<string, string>();
  readonly loads = new Map<string, Load>();
  readonly stores = new Set<string>();
  #base: Symbols | undefined;
  /** Shared by all frames of a template. */
  #steps: { left: number };

  constructor(parent: Symbols | undefined, level?: number) {
    this.parent = parent;
    this.level = level ?? (parent === undefined ? 0 : parent.level + 1);
    this.#steps = parent === undefined ? { left: MAX_NAME_STEPS } : parent.#steps;
  }

  /** The same frame for one branch of an `if`: what the branch adds is kept apart until {@link join}. */
  branch(): Symbols {
    const branch = new Symbols(this.parent, this.level);
    branch.#base = this;
    branch.#steps = this.#steps;
    return branch;
  }

  /** The variable that `name` stands for in this frame, or undefined where nothing refers to it. */
  find(name: string): string | undefined {
    return this.refs.get(name) ?? (this.#base ?? this.parent)?.find(name);
  }

  declareParameter(name: string): string {
    this.stores.add(name);
    return this.#define(name, { action: "parameter" });
  }

  /** Notes that the frame assigns `name`; a name that an outer frame has begins with the outer value. */
  store(name: string): void {
    this.stores.add(name);
    if (this.#refers(name)) return;
    const outer = this.parent?.find(name);
    this.#define(name, outer === undefined ? { action: "undefined" } : { action: "alias", target: outer });
  }

  load(name: string): void {
    if (this.find(name) === undefined) this.#define(name, { action: "resolve", name });
  }

  /**
   * Joins the branches of an `if`. A name that a branch assigns must have its old value before that, and after a branch
   * that does not: the value of an outer frame, or of the context.
   * @throws JinjaLimitError where too many names are handed on too often
   */
  join(branches: readonly Symbols[]): void {
    const assigned = new Set<string>();
    for (const { refs, loads, stores } of branches) this.#spend(refs.size + loads.size + stores.size);
    for (const branch of branches) for (const name of branch.stores) if (!this.#isStored(name)) assigned.add(name);
    for (const branch of branches) {
      for (const [name, target] of branch.refs) this.refs.set(name, target);
      for (const [target, load] of branch.loads) this.loads.set(target, load);
      for (const name of branch.stores) this.stores.add(name);
    }
    for (const name of assigned) {
      const target = this.find(name);
      if (target === undefined) continue;
      const outer = this.parent?.find(name);
      this.loads.set(target, outer === undefined ? { action: "resolve", name } : { action: "alias", target: outer });
    }
  }

  #refers(name: string): boolean {
    return this.refs.has(name) || (this.#base !== undefined && this.#base.#refers(name));
  }

  #isStored(name: string): boolean {
    this.#spend(1);
    return this.stores.has(name) || (this.#base !== undefined && this.#base.#isStored(name));
  }

  #spend(steps: number): void {
    this.#steps.left -= steps;
    if (this.#steps.left < 0) throw new JinjaLimitError("names", "The template assigns too many names in branches inside of branches.");
  }

  #define(name: string, load: Load): string {
    const target = `${this.level}:${name}`;
    this.refs.set(name, target);
    this.loads.set(target, load);
    return target;
  }
}
