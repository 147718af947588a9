import type { Span } from "../../extension/base/text";
import { MARK } from "../../extension/core/xray/marks";
import type { ShownPrompt } from "../../extension/protocol/webview/promptData";
import { element } from "../shared/dom";
import { t } from "../shared/l10n";
import { type Block, type Run, type ShownSide, firstAbove, labelOf, runsOf, splitBlocks } from "./blocks";
import { Sections, type ShownBlock } from "./sections";

export interface PaneOptions {
  /** What screen readers call it. */
  readonly label: string;
  /** The user pointed at a place, or went to it by keys. */
  onSelect(offset: number): void;
  /** The user wants to go where the selected place comes from. */
  onOpen(): void;
}

/** One prompt. It is changed block by block: what stays the same keeps its elements. */
export class PromptPane {
  readonly element = element("div", { class: "prompt" });
  readonly #options: PaneOptions;
  readonly #sections: Sections;
  readonly #byElement = new WeakMap<Element, ShownBlock>();
  #side: ShownSide | undefined;
  #selected: Span | undefined;
  #highlights: readonly Span[] = [];

  constructor(options: PaneOptions) {
    this.#options = options;
    const attributes = { tabindex: 0, role: "group", "aria-label": options.label, "aria-describedby": "prompt-keys" };
    for (const [name, value] of Object.entries(attributes)) this.element.setAttribute(name, String(value));
    this.#sections = new Sections(this.element, { make: (block) => this.#make(block), fill: (shown) => this.#fill(shown), empty: (shown) => this.#empty(shown) });
    this.element.addEventListener("click", (event) => this.#clicked(event));
    this.element.addEventListener("keydown", (event) => this.#pressed(event));
  }

  /** Shows a prompt; undefined shows none. */
  show(side: ShownSide | undefined): void {
    this.#side = side;
    const blocks = side === undefined ? [] : splitBlocks(side);
    const before = this.#sections.blocks;
    const same = (a: ShownBlock | undefined, b: Block | undefined): boolean => a !== undefined && a.block.signature === b?.signature;
    let head = 0;
    while (head < before.length && head < blocks.length && same(before[head], blocks[head])) head++;
    let tail = 0;
    while (tail < before.length - head && tail < blocks.length - head && same(before[before.length - 1 - tail], blocks[blocks.length - 1 - tail])) tail++;
    // What stays the same may stand at another place.
    for (let i = 0; i < head; i++) (before[i] as ShownBlock).block = blocks[i] as Block;
    for (let i = 1; i <= tail; i++) (before[before.length - i] as ShownBlock).block = blocks[blocks.length - i] as Block;
    this.#sections.replace(head, before.length - head - tail, blocks.slice(head, blocks.length - tail));
    this.element.classList.toggle("masked", side?.prompt.tokens?.masked === true);
    this.#decorate();
  }

  /** Marks the places that belong to where the cursor is in an editor, and brings the first into view. */
  highlight(spans: readonly Span[]): void {
    this.#highlights = spans;
    this.#decorate();
    const [first] = spans;
    if (first !== undefined) this.#reveal(first.start);
  }

  /** Selects the token, or the stretch, at a place; undefined selects none. */
  select(offset: number | undefined): void {
    this.#selected = offset === undefined ? undefined : this.#unitAt(offset);
    this.#decorate();
    if (this.#selected !== undefined) this.#reveal(this.#selected.start);
  }

  /** The place of the next token with one of the marks behind what is selected, from the beginning again behind the last. */
  next(marks: number): number | undefined {
    const tokens = this.#side?.prompt.tokens;
    if (tokens === undefined || tokens === null) return undefined;
    const from = this.#selected === undefined ? 0 : firstAbove(tokens.starts, this.#selected.start);
    for (let i = 0; i < tokens.ids.length; i++) {
      const token = (from + i) % tokens.ids.length;
      if (((tokens.marks[token] ?? 0) & marks) !== 0) return tokens.starts[token];
    }
    return undefined;
  }

  /** The next place that the other prompt does not have. */
  nextChange(): number | undefined {
    const changes = this.#side?.changes ?? [];
    const from = this.#selected?.start ?? -1;
    return (changes.find(({ start }) => start > from) ?? changes[0])?.start;
  }

  /** The place at the top of the view. */
  get top(): number {
    return this.#sections.below(this.element.getBoundingClientRect().top)?.block.start ?? 0;
  }

  /** Brings a place to the top of the view. */
  scrollTo(offset: number): void {
    const shown = this.#blockAt(offset);
    if (shown !== undefined) this.element.scrollTop += shown.element.getBoundingClientRect().top - this.element.getBoundingClientRect().top;
  }

  #make(block: Block): Pick<ShownBlock, "element" | "text"> {
    const { text, roles } = this.#prompt();
    const role = block.turn === null ? undefined : roles[block.turn];
    const gutter = element("span", { class: "gutter" });
    if (role !== undefined) gutter.append(element("span", { class: `role r-${roleClass(role)}` }, role));
    const content = element("span", { class: "text" }, text.slice(block.start, block.end));
    return { element: element("div", { class: "block" }, gutter, content), text: content };
  }

  #fill(shown: ShownBlock): void {
    const side = this.#side;
    if (side === undefined) return;
    this.#byElement.set(shown.element, shown);
    shown.text.replaceChildren(...runsOf(side, shown.block).map((run) => runElement(run, side, shown.block.start)));
    this.#decorateBlock(shown);
  }

  #empty({ block, text }: ShownBlock): void {
    text.textContent = this.#prompt().text.slice(block.start, block.end);
  }

  #decorate(): void {
    for (const shown of this.#sections.blocks) if (shown.filled) this.#decorateBlock(shown);
  }

  #decorateBlock(shown: ShownBlock): void {
    const { block, text } = shown;
    const selected = this.#selected === undefined ? [] : spansWithin([this.#selected], block);
    const highlighted = spansWithin(this.#highlights, block);
    const decorated = selected.length > 0 || highlighted.length > 0;
    // Of the many blocks next to none has had something, or has it now.
    if (!decorated && !shown.decorated) return;
    shown.decorated = decorated;
    for (const run of text.children as HTMLCollectionOf<HTMLElement>) {
      const start = block.start + Number(run.dataset["at"]);
      const place = { start, end: start + Number(run.dataset["length"]) };
      run.classList.toggle("selected", spansWithin(selected, place).length > 0);
      run.classList.toggle("highlighted", spansWithin(highlighted, place).length > 0);
    }
  }

  #clicked(event: MouseEvent): void {
    // Who selects text to copy it does not point at a token.
    if (document.getSelection()?.isCollapsed === false) return;
    const run = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-at]") : null;
    const shown = run === null ? undefined : this.#byElement.get(run.closest(".block") ?? run);
    if (run === null || shown === undefined) return;
    this.#choose(shown.block.start + Number(run.dataset["at"]));
    if (event.ctrlKey || event.metaKey) this.#options.onOpen();
  }

  #choose(offset: number): void {
    this.#highlights = [];
    this.select(offset);
    this.#options.onSelect(offset);
  }

  #pressed(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey || event.target !== this.element) return;
    if (event.key === "Enter") {
      this.#options.onOpen();
      event.preventDefault();
      return;
    }
    const offset = this.#placeFor(event.key, event.ctrlKey);
    if (offset === undefined) return;
    event.preventDefault();
    this.#choose(offset);
  }

  /** Where a key leads from what is selected. */
  #placeFor(key: string, wide: boolean): number | undefined {
    const { text, stretches } = this.#prompt();
    if (text === "") return undefined;
    const current = this.#selected;
    switch (key) {
      case "ArrowRight":
        if (current === undefined) return 0;
        return Math.min(text.length - 1, wide ? (stretches[firstAbove(stretchEnds(stretches), current.start)]?.end ?? 0) : current.end);
      case "ArrowLeft":
        if (current === undefined || current.start === 0) return 0;
        return wide ? (stretches[firstAbove(stretchEnds(stretches), current.start - 1) - 1]?.end ?? 0) : current.start - 1;
      case "ArrowDown":
        return current === undefined ? 0 : this.#blockBeside(current.start, 1);
      case "ArrowUp":
        return current === undefined ? 0 : this.#blockBeside(current.start, -1);
      case "Home":
        return 0;
      case "End":
        return text.length - 1;
      default:
        return undefined;
    }
  }

  #blockBeside(offset: number, step: number): number {
    const index = this.#indexAt(offset) + step;
    const { blocks } = this.#sections;
    return blocks[Math.max(0, Math.min(index, blocks.length - 1))]?.block.start ?? 0;
  }

  /** The token at a place, or the stretch where there is none. */
  #unitAt(offset: number): Span {
    const { tokens, stretches } = this.#prompt();
    const token = firstAbove(tokens?.ends ?? [], offset);
    const start = tokens?.starts[token];
    const end = tokens?.ends[token];
    if (start !== undefined && end !== undefined && start <= offset) return { start, end };
    const stretch = firstAbove(stretchEnds(stretches), offset);
    return { start: stretches[stretch - 1]?.end ?? 0, end: stretches[stretch]?.end ?? offset + 1 };
  }

  #reveal(offset: number): void {
    const shown = this.#blockAt(offset);
    if (shown === undefined) return;
    this.#sections.approach(shown);
    const at = offset - shown.block.start;
    const runs = [...(shown.text.children as HTMLCollectionOf<HTMLElement>)];
    const run = runs.find(({ dataset }) => Number(dataset["at"]) + Number(dataset["length"]) > at);
    (run ?? shown.element).scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #blockAt(offset: number): ShownBlock | undefined {
    return this.#sections.blocks[this.#indexAt(offset)];
  }

  #indexAt(offset: number): number {
    const { blocks } = this.#sections;
    let low = 0;
    let high = blocks.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((blocks[middle]?.block.end ?? 0) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #prompt(): Pick<ShownPrompt, "text" | "roles" | "stretches" | "tokens"> {
    return this.#side?.prompt ?? { text: "", roles: [], stretches: [], tokens: null };
  }
}

/** Those of the spans that have some of a place. */
function spansWithin(spans: readonly Span[], { start, end }: Span): readonly Span[] {
  return spans.filter((span) => start < span.end && span.start < end);
}

function stretchEnds(stretches: ShownPrompt["stretches"]): readonly number[] {
  return stretches.map(({ end }) => end);
}

const ROLES: ReadonlySet<string> = new Set(["system", "user", "assistant", "tool", "developer"]);

/** The class of a role's colour; roles that nobody knows share one. */
function roleClass(role: string): string {
  return ROLES.has(role) ? role : "other";
}

function runElement({ start, end, token, first, kind, turn, changed }: Run, side: ShownSide, base: number): HTMLElement {
  const { text, tokens, roles } = side.prompt;
  const marks = token === -1 ? 0 : (tokens?.marks[token] ?? 0);
  const classes = ["run", `k-${kind}`];
  if (turn !== null) classes.push(`r-${roleClass(roles[turn] ?? "")}`);
  if (first) classes.push("first");
  if (changed) classes.push("changed");
  if (token !== -1) {
    if (side.alone.has(token)) classes.push("alone");
    if ((marks & MARK.trained) !== 0) classes.push("trained");
    if ((marks & MARK.special) !== 0) classes.push("special");
    if ((marks & MARK.error) !== 0) classes.push("untrained");
    else if ((marks & MARK.warning) !== 0) classes.push("doubtful");
  }
  const label = first ? labelOf(marks) : "";
  const made = element("span", {
    class: classes.join(" "),
    "data-at": start - base,
    "data-length": end - start,
    "data-id": first ? (tokens?.ids[token] ?? undefined) : undefined,
    "data-label": label === "" ? undefined : label,
    title: (marks & (MARK.error | MARK.warning)) === 0 ? undefined : t("untrained"),
  });
  const shown = text.slice(start, end);
  // A line break is shown, but is not copied as a sign.
  if (shown.endsWith("\n")) made.append(shown.slice(0, -1), element("span", { class: "break" }, "\n"));
  else made.append(shown);
  return made;
}
