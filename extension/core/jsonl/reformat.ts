import type { JsonTree, NodeId } from "./tree";
import { styleOf } from "./treeEdits";

const INDENT = "  ";

/** The JSON text with every member and element on a line of its own. Strings and numbers stay as they are written. */
export function spreadOut(tree: JsonTree): string {
  return tree.size === 0 ? "" : spread(tree, 0, "");
}

function spread(tree: JsonTree, node: NodeId, indent: string): string {
  const kind = tree.kind(node);
  const entries = kind === "object" || kind === "array" ? tree.children(node) : [];
  if (entries.length === 0) return kind === "object" ? "{}" : kind === "array" ? "[]" : tree.source(node);
  const inner = indent + INDENT;
  const lines = entries.map((entry) => {
    if (!tree.isKey(entry)) return inner + spread(tree, entry, inner);
    return `${inner}${tree.source(entry)}: ${spread(tree, tree.valueOf(entry), inner)}`;
  });
  const [open, close] = kind === "object" ? "{}" : "[]";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

/**
 * The values of `edited` as the text of `original` is laid out: what is in both keeps the bytes of the original between its
 * values, and what is new is written as the original writes. Without a change the result is the original.
 */
export function laidOutLike(original: JsonTree, edited: JsonTree): string {
  return new Layout(original, edited).whole();
}

class Layout {
  readonly #original: JsonTree;
  readonly #edited: JsonTree;
  readonly #colon: string;
  readonly #comma: string;

  constructor(original: JsonTree, edited: JsonTree) {
    this.#original = original;
    this.#edited = edited;
    const { colon, comma } = styleOf(original);
    this.#colon = colon;
    this.#comma = comma;
  }

  whole(): string {
    const { text } = this.#original;
    if (this.#original.size === 0) return this.#value(0, undefined);
    const { start, end } = this.#original.span(0);
    return text.slice(0, start) + this.#value(0, 0) + text.slice(end);
  }

  /** A value of the edited text, laid out as the original's value `model` where there is one of its kind. */
  #value(node: NodeId, model: NodeId | undefined): string {
    const kind = this.#edited.kind(node);
    if (kind !== "object" && kind !== "array") return this.#edited.source(node);
    const entries = this.#edited.children(node);
    const like = model !== undefined && this.#original.kind(model) === kind ? model : undefined;
    const models = like === undefined ? [] : this.#original.children(like);
    const partners = this.#partners(entries, models);
    const written = entries.map((entry, i) => this.#entry(entry, partners[i], this.#colonOf(models[0])));
    if (like !== undefined && entries.length === models.length && partners.every((partner, i) => partner === models[i])) {
      return this.#between(like, models, written);
    }
    const { lead, trail, comma } = this.#spacing(like, models);
    const [open, close] = kind === "object" ? "{}" : "[]";
    return written.length === 0 ? `${open}${close}` : `${open}${lead}${written.join(comma)}${trail}${close}`;
  }

  /** @param colon what a new member of the object has between key and value */
  #entry(entry: NodeId, model: NodeId | undefined, colon: string): string {
    const edited = this.#edited;
    if (!edited.isKey(entry)) return this.#value(entry, model);
    const value = this.#value(edited.valueOf(entry), model === undefined ? undefined : this.#original.valueOf(model));
    return edited.source(entry) + (model === undefined ? colon : this.#colonOf(model)) + value;
  }

  #colonOf(key: NodeId | undefined): string {
    if (key === undefined || !this.#original.isKey(key)) return this.#colon;
    return this.#gap(this.#original.span(key).end, this.#original.span(this.#original.valueOf(key)).start);
  }

  /** For each edited entry the entry of the original that it was: by name in an object, in an array by what is the same from both ends. */
  #partners(entries: readonly NodeId[], models: readonly NodeId[]): (NodeId | undefined)[] {
    const [first] = entries;
    if (first !== undefined && this.#edited.isKey(first)) {
      const byName = new Map(models.map((model) => [this.#original.string(model), model]));
      return entries.map((entry) => byName.get(this.#edited.string(entry)));
    }
    let head = 0;
    const shorter = Math.min(entries.length, models.length);
    if (entries.length === models.length) return [...models];
    while (head < shorter && this.#same(entries[head], models[head])) head++;
    let tail = 0;
    while (tail < shorter - head && this.#same(entries.at(-1 - tail), models.at(-1 - tail))) tail++;
    return entries.map((_, i) => (i < head ? models[i] : i >= entries.length - tail ? models[i - entries.length + models.length] : undefined));
  }

  #same(entry: NodeId | undefined, model: NodeId | undefined): boolean {
    return entry !== undefined && model !== undefined && spread(this.#edited, entry, "") === spread(this.#original, model, "");
  }

  /** The original container with its entries replaced: every byte between them stays. */
  #between(container: NodeId, models: readonly NodeId[], written: readonly string[]): string {
    const { start, end } = this.#original.span(container);
    let result = "";
    let at = start;
    for (const [i, model] of models.entries()) {
      result += this.#gap(at, this.#original.span(model).start) + (written[i] ?? "");
      at = this.#entryEnd(model);
    }
    return result + this.#gap(at, end);
  }

  #spacing(container: NodeId | undefined, models: readonly NodeId[]): { readonly lead: string; readonly trail: string; readonly comma: string } {
    const [first, second] = models;
    const last = models.at(-1);
    if (container === undefined || first === undefined || last === undefined) return { lead: "", trail: "", comma: this.#comma };
    const { start, end } = this.#original.span(container);
    const comma = second === undefined ? this.#comma : this.#gap(this.#entryEnd(first), this.#original.span(second).start);
    return { lead: this.#gap(start + 1, this.#original.span(first).start), trail: this.#gap(this.#entryEnd(last), end - 1), comma };
  }

  #entryEnd(entry: NodeId): number {
    return this.#original.span(this.#original.isKey(entry) ? this.#original.valueOf(entry) : entry).end;
  }

  #gap(from: number, to: number): string {
    return this.#original.text.slice(from, to);
  }
}
