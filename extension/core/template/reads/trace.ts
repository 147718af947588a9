import type { Span } from "../../../base/text";
import type { Block, TemplateNode } from "../../jinja/syntax/ast";
import { type Bag, type Flow, type LoopThing, type Maker, NOTHING, PLAIN, PLAIN_FLOW, type Thing, flowOf, union, unionAll, widen } from "./flow";
import { type Frame, Frames } from "./frames";
import type { MacroInfo, MacroNode } from "./macros";
import { ANY, ELEMENT, Place } from "./place";
import { type Access, HELPERS, type Recorder } from "./recorder";
import { shapeOf } from "./shape";

/** Variables by frame and name, and what each may stand for. */
export type State = Map<string, Flow>;

/** Where the analysis is. */
export interface Scope {
  readonly frame: Frame;
  readonly state: State;
  /** The macro whose body it is in. */
  readonly macro: MacroInfo | undefined;
  /** Whether assignments are seen by blocks. */
  readonly toplevel: boolean;
}

/** Nodes gone through, at the most. The most intricate of 258 real templates takes 15,000. */
const MAX_WORK = 300_000;

/** The longest text that is taken for a name or role, and how many are told apart. */
const MAX_NAME = 64;
const MAX_LITERALS = 1_000;

/** A list or namespace may hold a thing, a part of it, and what is in that: beyond this the template is going down a tree. */
const HEAP_TOLERANCE = 1;

/** Thrown when the template takes too much work. */
export class GaveUp extends Error {}

/** What is known of all the values of a template. It only grows, and goes through the template until it no longer does. */
export class Trace {
  readonly frames = new Frames();
  readonly macros = new Map<MacroNode, MacroInfo>();
  readonly blocks = new Set<Block>();
  /** What the template assigns at its top level, which its blocks see. */
  readonly own = new Map<string, Flow>();
  readonly recorder: Recorder;
  readonly tree: TemplateNode;
  /** Whether something grew since it was last set to false. */
  changed = false;
  readonly #root = Place.roots();
  readonly #bags = new Map<Maker, Map<string, Bag>>();
  readonly #loops = new Map<Maker, LoopThing>();
  readonly #literals = new Map<string, Thing>();
  #work = 0;

  constructor(tree: TemplateNode, recorder: Recorder) {
    this.tree = tree;
    this.recorder = recorder;
  }

  /** Whether something grows while `run` runs. */
  grows(run: () => void): boolean {
    this.changed = false;
    run();
    return this.changed;
  }

  /** @throws GaveUp */
  charge(work: number): void {
    this.#work += work;
    if (this.#work > MAX_WORK) throw new GaveUp();
  }

  // ── making ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

  variable(name: string): Place {
    return this.#root(name);
  }

  /** A text of the template, unless it is too long for a name or there are too many. */
  literal(value: string): Thing {
    const known = this.#literals.get(value);
    if (known !== undefined) return known;
    if (value.length > MAX_NAME || this.#literals.size >= MAX_LITERALS) return PLAIN;
    const thing: Thing = { kind: "literal", value };
    this.#literals.set(value, thing);
    return thing;
  }

  /** The bag that a node makes; `role` tells those of one node apart. */
  bag(maker: Maker, role: string, list: boolean): Bag {
    let bags = this.#bags.get(maker);
    if (bags === undefined) this.#bags.set(maker, (bags = new Map<string, Bag>()));
    let bag = bags.get(role);
    if (bag === undefined) bags.set(role, (bag = { kind: "bag", list, items: [], rest: NOTHING, fields: new Map(), base: NOTHING }));
    return bag;
  }

  listOf(maker: Maker, elements: Flow, role = "list"): Flow {
    const bag = this.bag(maker, role, true);
    this.#grow(bag.rest, elements, (joined) => (bag.rest = joined));
    return flowOf(bag);
  }

  /** A list whose elements stand in known places. */
  tupleOf(maker: Maker, items: readonly Flow[], role = "tuple"): Flow {
    const bag = this.bag(maker, role, true);
    for (const [at, flow] of items.entries()) this.#grow(bag.items[at] ?? NOTHING, flow, (joined) => (bag.items[at] = joined));
    return flowOf(bag);
  }

  /** A dict with values of unknown names. */
  dictOf(maker: Maker, values: Flow, role = "dict"): Flow {
    const bag = this.bag(maker, role, false);
    this.#grow(bag.rest, values, (joined) => (bag.rest = joined));
    return flowOf(bag);
  }

  setField(bag: Bag, name: string, flow: Flow): void {
    this.#grow(bag.fields.get(name) ?? NOTHING, flow, (joined) => bag.fields.set(name, joined));
  }

  setBase(bag: Bag, base: Flow): void {
    this.#grow(bag.base, base, (joined) => (bag.base = joined));
  }

  loop(maker: Maker, elements: Flow): LoopThing {
    let loop = this.#loops.get(maker);
    if (loop === undefined) this.#loops.set(maker, (loop = { kind: "loop", elements: NOTHING, deeper: NOTHING }));
    const known = loop;
    this.#grow(known.elements, elements, (joined) => (known.elements = joined));
    return known;
  }

  /** `loop(value)`: the loop goes over the value's elements too. */
  recurse(loop: LoopThing, elements: Flow): void {
    const joined = widen(union(loop.elements, loop.deeper), elements, 0);
    this.#grow(loop.deeper, joined, (grown) => (loop.deeper = grown));
  }

  assignOwn(name: string, flow: Flow): void {
    this.#grow(this.own.get(name) ?? NOTHING, flow, (joined) => this.own.set(name, joined));
  }

  /** The joined flow is compared, so that what grows makes another round. */
  #grow(known: Flow, added: Flow, set: (joined: Flow) => void): void {
    const joined = widen(known, added, HEAP_TOLERANCE);
    if (joined === known) return;
    set(joined);
    this.changed = true;
  }

  // ── looking into ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** What a loop over the value goes through. */
  elements(flow: Flow, span: Span): Flow {
    return unionAll([...flow].map((thing) => this.#elementsOf(thing, span)));
  }

  #elementsOf(thing: Thing, span: Span): Flow {
    switch (thing.kind) {
      case "place":
        return this.#elementsOfPlace(thing, span);
      case "derived":
        return flowOf(thing);
      case "bag":
        if (thing.list) return unionAll([...thing.items, thing.rest]);
        this.names(thing.base, span);
        return union(flowOf(...[...thing.fields.keys()].map((name) => this.literal(name))), PLAIN_FLOW);
      case "literal":
      case "plain":
        return PLAIN_FLOW;
      default:
        return NOTHING;
    }
  }

  /** The elements of a list; of a mapping, its names. */
  #elementsOfPlace(place: Place, span: Span): Flow {
    const shape = shapeOf(place);
    if (shape === "mapping" || shape === "unknown") this.recorder.field(place, "names", span, shape === "mapping");
    return flowOf(shape === "mapping" ? place.derived : place.child(ELEMENT));
  }

  /** The names of all fields are looked at. */
  names(flow: Flow, span: Span): void {
    for (const thing of flow) {
      if (thing.kind === "place") this.recorder.field(thing, "names", span);
      else if (thing.kind === "bag") this.names(thing.base, span);
    }
  }

  /** The field of that name. */
  field(flow: Flow, name: string, span: Span, access: Access = "value"): Flow {
    return unionAll([...flow].map((thing) => this.#fieldOf(thing, name, span, access)));
  }

  #fieldOf(thing: Thing, name: string, span: Span, access: Access): Flow {
    switch (thing.kind) {
      case "place": {
        const field = thing.child({ kind: "field", name });
        this.recorder.field(field, access, span);
        return flowOf(field);
      }
      case "bag":
        return unionAll([thing.fields.get(name) ?? NOTHING, thing.list ? NOTHING : thing.rest, this.field(thing.base, name, span, access)]);
      case "loop":
        return name === "previtem" || name === "nextitem" ? union(thing.elements, thing.deeper) : PLAIN_FLOW;
      default:
        return NOTHING;
    }
  }

  /** Any field, or each of them. */
  everyField(flow: Flow, span: Span): Flow {
    return unionAll([...flow].map((thing): Flow => {
      if (thing.kind === "place") {
        this.recorder.field(thing, "every", span);
        return flowOf(thing.child(ANY));
      }
      if (thing.kind !== "bag") return thing.kind === "derived" ? flowOf(thing) : NOTHING;
      return unionAll([...thing.fields.values(), thing.list ? NOTHING : thing.rest, this.everyField(thing.base, span)]);
    }));
  }

  /** The element at an index, or at any when it is not known. */
  element(flow: Flow, index: number | undefined): Flow {
    return unionAll([...flow].map((thing): Flow => {
      if (thing.kind === "place") return flowOf(thing.child(ELEMENT));
      if (thing.kind !== "bag" || !thing.list) return thing.kind === "derived" ? flowOf(thing) : thing.kind === "literal" ? PLAIN_FLOW : NOTHING;
      if (index !== undefined && index >= 0) return union(thing.items[index] ?? NOTHING, thing.rest);
      return unionAll([...thing.items, thing.rest]);
    }));
  }

  /** `value[key]` where the key only shows when it is rendered. */
  anyItem(flow: Flow, span: Span): Flow {
    return unionAll([...flow].map((thing): Flow => {
      const single = flowOf(thing);
      if (thing.kind === "place" && shapeOf(thing) === "list") return this.element(single, undefined);
      return thing.kind === "bag" ? union(this.element(single, undefined), this.everyField(single, span)) : this.everyField(single, span);
    }));
  }

  // ── using up ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** The value is used with all that is in it. */
  consume(flow: Flow, span: Span, access: "whole" | "unknown" = "whole", seen = new Set<Thing>()): void {
    this.charge(flow.size);
    for (const thing of flow) {
      if (seen.has(thing)) continue;
      seen.add(thing);
      if (thing.kind === "place" && !(HELPERS.has(thing.root) && thing.parent === undefined)) this.recorder.field(thing, access, span);
      if (thing.kind !== "bag") continue;
      for (const inner of [...thing.items, thing.rest, ...thing.fields.values(), thing.base]) this.consume(inner, span, access, seen);
    }
  }
}

/** What is made of texts: the places stay known, without their fields. */
export function derivedFrom(flow: Flow): Flow {
  const places = [...flow].flatMap((thing) => (thing.kind === "place" ? [thing.derived] : thing.kind === "derived" ? [thing] : []));
  return places.length === 0 ? PLAIN_FLOW : flowOf(...places);
}
