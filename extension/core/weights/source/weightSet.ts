import type { FileSource } from "../../io/ports";
import { readGgufWeights } from "../gguf/weights";
import type { RowMatrix } from "../matrix";
import { openRequired } from "../openedFile";
import { readSafetensors } from "../safetensors/header";
import { readTorch } from "../torch/weights";
import type { WeightFile } from "../weightFile";
import type { Layout, WeightsFormat } from "./layouts";
import { readShardIndex } from "./shardIndex";

const READERS: Readonly<Record<WeightsFormat, (file: WeightFile["file"]) => Promise<WeightFile>>> = {
  safetensors: readSafetensors,
  torch: readTorch,
  gguf: readGgufWeights,
};

/** One model's files: which tensor is in which, and the opened ones, which it owns. */
export class WeightSet {
  readonly layout: Layout;
  readonly #source: FileSource;
  readonly #files = new Map<string, WeightFile>();
  /** The file of each tensor. */
  #places: ReadonlyMap<string, string> = new Map();

  private constructor(source: FileSource, layout: Layout) {
    this.#source = source;
    this.layout = layout;
  }

  /**
   * Reads the index, or without one the head of every file.
   * @throws WeightsError of the file that is missing or cannot be read.
   */
  static async open(source: FileSource, layout: Layout): Promise<WeightSet> {
    const set = new WeightSet(source, layout);
    try {
      set.#places = layout.index === undefined ? await set.#readAll() : await set.#readIndex(layout.index);
      return set;
    } catch (error) {
      await set.close();
      throw error;
    }
  }

  has(tensor: string): boolean {
    return this.#places.has(tensor);
  }

  /** How many tensors there are, and some of their names, for a message. */
  get summary(): string {
    const [first, second] = this.#places.keys();
    const examples = [first, second].filter((name) => name !== undefined).join(", ");
    return `${this.#places.size} tensors${examples === "" ? "" : `, ${examples} among them`}`;
  }

  /** The rows of a tensor that {@link has} knows. */
  async matrix(tensor: string): Promise<RowMatrix> {
    const name = this.#places.get(tensor) ?? "";
    return (await this.#file(name)).matrix(tensor);
  }

  /** Closes the files, or those that none of `matrices` is in. */
  async close(matrices: readonly RowMatrix[] = []): Promise<void> {
    const kept = new Set(matrices.map(({ access }) => access));
    for (const [name, { file }] of [...this.#files]) {
      if (kept.has(file.access)) continue;
      this.#files.delete(name);
      await file.access.close();
    }
  }

  async #readAll(): Promise<ReadonlyMap<string, string>> {
    const places = new Map<string, string>();
    for (const name of this.layout.files) for (const tensor of (await this.#file(name)).tensors.keys()) if (!places.has(tensor)) places.set(tensor, name);
    return places;
  }

  async #readIndex(name: string): Promise<ReadonlyMap<string, string>> {
    const file = await openRequired(this.#source, name);
    try {
      return await readShardIndex(file);
    } finally {
      await file.access.close();
    }
  }

  async #file(name: string): Promise<WeightFile> {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = await openRequired(this.#source, name);
    try {
      const opened = await READERS[this.layout.format](file);
      this.#files.set(name, opened);
      return opened;
    } catch (error) {
      await file.access.close();
      throw error;
    }
  }
}
