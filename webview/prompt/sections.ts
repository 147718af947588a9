import { element } from "../shared/dom";
import type { Block } from "./blocks";

/** A block on the page: its text is always there, for the layout, the search and screen readers; its tokens while it is near the view. */
export interface ShownBlock {
  block: Block;
  readonly element: HTMLElement;
  readonly text: HTMLElement;
  section: Section;
  /** Whether it shows its tokens. */
  filled: boolean;
  /** Whether some of it is selected or highlighted. */
  decorated: boolean;
}

/** Neighbours that come near the view, and are laid out, together: a browser looks at each of them for every frame of the window. */
interface Section {
  readonly element: HTMLElement;
  blocks: readonly ShownBlock[];
  near: boolean;
}

export interface SectionsOptions {
  make(block: Block): Pick<ShownBlock, "element" | "text">;
  /** Shows the tokens of a block. */
  fill(shown: ShownBlock): void;
  /** Shows the text of a block alone. */
  empty(shown: ShownBlock): void;
}

/** How far beyond what is in view the tokens are made, so that scrolling finds them there. */
const MARGIN = "600px 0px";
/** A section has about as much text as a view; UTF-16 units. */
const SECTION_LENGTH = 4000;
/** What a block takes of that at least: short lines are as high as others. */
const LEAST_LENGTH = 125;
/** Prompts of this many blocks are filled at once, whether they are in view or not. */
const EAGER_BLOCKS = 60;

/** The blocks of a pane, in sections. */
export class Sections {
  readonly #options: SectionsOptions;
  readonly #pane: HTMLElement;
  #blocks: readonly ShownBlock[] = [];
  readonly #byElement = new WeakMap<Element, Section>();
  readonly #observer: IntersectionObserver;

  constructor(pane: HTMLElement, options: SectionsOptions) {
    this.#pane = pane;
    this.#options = options;
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), { root: pane, rootMargin: MARGIN });
  }

  get blocks(): readonly ShownBlock[] {
    return this.#blocks;
  }

  /** Puts blocks in the place of `count` ones from the index `start`. */
  replace(start: number, count: number, blocks: readonly Block[]): void {
    const removed = this.#blocks.slice(start, start + count);
    this.#remove(removed);
    const made = this.#insert(start, count, blocks);
    // What was in view is likely to be in view still: it should not show without tokens for a frame.
    for (const [index, { section }] of made.entries()) {
      if (section.near || removed[Math.min(index, removed.length - 1)]?.section.near === true || this.#blocks.length <= EAGER_BLOCKS) this.#fill(section);
    }
  }

  /** Has a block, with its neighbours, show its tokens. */
  approach({ section }: ShownBlock): void {
    this.#fill(section);
  }

  /** The first block that reaches below a height of the window. */
  below(height: number): ShownBlock | undefined {
    const sections = [...this.#pane.children];
    const section = this.#byElement.get(sections[firstBelow(sections, height)] ?? this.#pane);
    return section?.blocks[firstBelow(section.blocks.map((each) => each.element), height)];
  }

  #remove(removed: readonly ShownBlock[]): void {
    for (const each of removed) each.element.remove();
    const gone = new Set(removed);
    for (const section of new Set(removed.map((each) => each.section))) {
      this.#assign(section, section.blocks.filter((each) => !gone.has(each)));
      if (section.blocks.length > 0) continue;
      this.#observer.unobserve(section.element);
      section.element.remove();
    }
  }

  #insert(start: number, count: number, blocks: readonly Block[]): readonly ShownBlock[] {
    const head = this.#blocks.slice(0, start);
    const behind = this.#blocks.slice(start + count);
    this.#blocks = [...head, ...behind];
    if (blocks.length === 0) return [];
    const before = head.at(-1);
    const section = before?.section ?? behind[0]?.section ?? this.#section(undefined, false);
    const made = blocks.map((block): ShownBlock => ({ block, ...this.#options.make(block), section, filled: false, decorated: false }));
    this.#blocks = [...head, ...made, ...behind];
    const at = before === undefined ? 0 : section.blocks.indexOf(before) + 1;
    this.#divide(section, [...section.blocks.slice(0, at), ...made, ...section.blocks.slice(at)]);
    return made;
  }

  /** Gives a section its blocks, and those that are too many to new ones behind it, in equal parts. */
  #divide(section: Section, blocks: readonly ShownBlock[]): void {
    const total = blocks.reduce((sum, each) => sum + weightOf(each), 0);
    const share = total / Math.ceil(total / SECTION_LENGTH);
    let target = section;
    let from = 0;
    let weight = 0;
    for (const [index, each] of blocks.entries()) {
      weight += weightOf(each);
      if (weight < share && index < blocks.length - 1) continue;
      this.#assign(target, blocks.slice(from, index + 1));
      from = index + 1;
      weight = 0;
      if (from < blocks.length) target = this.#section(target, section.near);
    }
  }

  /** Has a section hold these blocks; elements that are in their place are left there. */
  #assign(section: Section, blocks: readonly ShownBlock[]): void {
    section.blocks = blocks;
    section.element.style.setProperty("--blocks", String(blocks.length));
    let place = section.element.firstElementChild;
    for (const each of blocks) {
      each.section = section;
      if (place === each.element) place = place.nextElementSibling;
      else section.element.insertBefore(each.element, place);
    }
  }

  #section(before: Section | undefined, near: boolean): Section {
    const made: Section = { element: element("div", { class: "section" }), blocks: [], near };
    this.#byElement.set(made.element, made);
    if (before === undefined) this.#pane.prepend(made.element);
    else before.element.after(made.element);
    this.#observer.observe(made.element);
    return made;
  }

  #fill(section: Section): void {
    section.near = true;
    for (const each of section.blocks) {
      if (each.filled) continue;
      each.filled = true;
      this.#options.fill(each);
    }
  }

  #moved(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting } of entries) {
      const section = this.#byElement.get(target);
      if (section === undefined || section.near === isIntersecting) continue;
      section.near = isIntersecting;
      if (isIntersecting) this.#fill(section);
      else for (const each of section.blocks) this.#empty(each);
    }
  }

  #empty(shown: ShownBlock): void {
    shown.filled = false;
    shown.decorated = false;
    this.#options.empty(shown);
  }
}

function weightOf({ block }: ShownBlock): number {
  return Math.max(LEAST_LENGTH, block.end - block.start);
}

/** The index of the first element that reaches below a height, or of the last one; of elements that stand one below the other. */
function firstBelow(elements: readonly Element[], height: number): number {
  let low = 0;
  let high = elements.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((elements[middle]?.getBoundingClientRect().bottom ?? 0) > height) high = middle;
    else low = middle + 1;
  }
  return low;
}
