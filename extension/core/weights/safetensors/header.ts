import { LineMap, utf8Length } from "../../../base/text";
import { parseJson } from "../../jsonl/parse";
import type { JsonTree, NodeId } from "../../jsonl/tree";
import { brokenFile, tooLarge } from "../errors";
import { type OpenedFile, readBytes, refusePointer, sizeText, viewOf } from "../openedFile";
import { type TensorPlace, type WeightFile, rowMatrix, weightFile } from "../weightFile";

/**
 * The largest header that is read. The reference stops at 100 MB; a model of 100,000 tensors in one file has 15 MB, and
 * parsing takes about seven times the header's size.
 */
export const MAX_HEADER_BYTES = 32 * 1024 * 1024;

/** What is read before the header's size is known. Most headers are within, which saves a second request where each costs. */
const FIRST_READ = 64 * 1024;
/** Over a network no more is asked for than is needed; the source reads ahead by itself. As much as tells of a Git LFS pointer. */
const FIRST_REMOTE_READ = 128;

/** Bits a value. Source: `Dtype` of the safetensors crate. */
const DTYPE_BITS: Readonly<Record<string, number>> = {
  BOOL: 8, U8: 8, I8: 8, F8_E4M3: 8, F8_E4M3FNUZ: 8, F8_E5M2: 8, F8_E5M2FNUZ: 8, F8_E8M0: 8,
  U16: 16, I16: 16, F16: 16, BF16: 16, U32: 32, I32: 32, F32: 32, U64: 64, I64: 64, F64: 64, C64: 64,
  F4: 4, F6_E2M3: 6, F6_E3M2: 6,
};

/** A tensor as the header names it. */
interface HeaderTensor extends TensorPlace {
  readonly name: string;
  readonly byteLength: number;
  /** Where the header speaks of it, for messages. */
  readonly node: NodeId;
}

/**
 * Reads the header of a safetensors file and holds it to what the reference requires of a file: the tensors follow one
 * another from the header's end to the file's end, and each has as many bytes as its shape and type say. Reads nothing else.
 * @throws WeightsError `weights-broken`, `weights-too-large`, `weights-missing` for a Git LFS pointer.
 */
export async function readSafetensors(file: OpenedFile): Promise<WeightFile> {
  const { text, dataStart } = await readHeaderText(file);
  const header = new HeaderReader(file.name, text, dataStart);
  const tensors = header.tensors();
  header.checkLayout([...tensors.values()], file.access.size);
  return weightFile(file, tensors, (name, tensor) => rowMatrix(file, name, tensor));
}

async function readHeaderText(file: OpenedFile): Promise<{ readonly text: string; readonly dataStart: number }> {
  const { name, access } = file;
  const head = await readBytes(file, 0, Math.min(access.remote === true ? FIRST_REMOTE_READ : FIRST_READ, access.size));
  refusePointer(name, head);
  if (head.length < 8) throw brokenFile(name, 0, `it has ${head.length} bytes, too few for a safetensors file`);
  // A size of 2^53 or more is far past the file's end whether or not it is exact.
  const size = Number(viewOf(head).getBigUint64(0, true));
  const dataStart = 8 + size;
  if (dataStart > access.size) throw brokenFile(name, 0, `its header should have ${size} bytes, but the file ends at ${access.size}`);
  if (size > MAX_HEADER_BYTES) throw tooLarge(name, 0, `its header has ${sizeText(size)}`, sizeText(MAX_HEADER_BYTES));
  const bytes = dataStart <= head.length ? head.subarray(8, dataStart) : await readBytes(file, 8, size);
  try {
    return { text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes), dataStart };
  } catch {
    throw brokenFile(name, 8, "its header is not UTF-8");
  }
}

const DIGITS = /^\d+$/;

class HeaderReader {
  readonly #file: string;
  readonly #tree: JsonTree;
  readonly #dataStart: number;

  constructor(file: string, text: string, dataStart: number) {
    this.#file = file;
    this.#dataStart = dataStart;
    const { tree, problems } = parseJson(text);
    this.#tree = tree;
    const problem = problems[0];
    if (problem !== undefined) {
      const { column } = new LineMap(text).positionAt(problem.start);
      throw brokenFile(file, this.#byteOf(problem.start), `its header is not JSON (column ${column}: ${problem.message.replace(/\.$/, "")})`);
    }
    if (tree.kind(0) !== "object") throw this.#broken(0, "its header is no JSON object");
  }

  /** The tensors by name, in the header's order. */
  tensors(): ReadonlyMap<string, HeaderTensor> {
    const found = new Map<string, HeaderTensor>();
    let metadata = false;
    for (const key of this.#tree.children(0)) {
      const name = this.#tree.string(key);
      const value = this.#tree.valueOf(key);
      if (name === "__metadata__") {
        if (metadata) throw this.#broken(key, "its header has __metadata__ twice");
        metadata = true;
        this.#checkMetadata(value);
      } else {
        if (found.has(name)) throw this.#broken(key, `its header has the tensor ${name} twice`);
        found.set(name, this.#tensor(name, value));
      }
    }
    return found;
  }

  /** @throws WeightsError where there is a gap, an overlap, or an end that is not the file's. */
  checkLayout(tensors: HeaderTensor[], fileSize: number): void {
    tensors.sort((a, b) => a.byteOffset - b.byteOffset || a.byteLength - b.byteLength);
    let end = this.#dataStart;
    for (const { name, node, byteOffset, byteLength } of tensors) {
      if (byteOffset + byteLength > fileSize) {
        throw this.#broken(node, `${name} should end at byte ${byteOffset + byteLength}, but the file ends at ${fileSize}`);
      }
      if (byteOffset < end) throw this.#broken(node, `${name} overlaps the tensor before it`);
      if (byteOffset > end) throw this.#broken(node, `there is a gap of ${byteOffset - end} bytes before ${name}`);
      end = byteOffset + byteLength;
    }
    if (end < fileSize) throw brokenFile(this.#file, end, `its tensors end here, but it goes on to byte ${fileSize}`);
  }

  #tensor(name: string, node: NodeId): HeaderTensor {
    const tree = this.#tree;
    if (tree.kind(node) !== "object") throw this.#broken(node, `the entry of ${name} is no object`);
    const parts = new Map<string, NodeId>();
    for (const key of tree.children(node)) {
      if (parts.has(tree.string(key))) throw this.#broken(key, `the entry of ${name} has '${tree.string(key)}' twice`);
      parts.set(tree.string(key), tree.valueOf(key));
    }
    const dtypeNode = parts.get("dtype");
    if (dtypeNode === undefined || tree.kind(dtypeNode) !== "string") throw this.#broken(node, `the entry of ${name} has no dtype`);
    const dtype = tree.string(dtypeNode);
    const shape = this.#integers(name, "shape", node, parts.get("shape"));
    const [start, end, ...more] = this.#integers(name, "data_offsets", node, parts.get("data_offsets"));
    if (start === undefined || end === undefined || more.length > 0 || end < start) throw this.#broken(node, `the data_offsets of ${name} are no start and end`);
    this.#checkSize(name, node, { dtype, shape, byteLength: end - start });
    return { name, dtype, shape, byteOffset: this.#dataStart + start, byteLength: end - start, node };
  }

  #checkSize(name: string, node: NodeId, { dtype, shape, byteLength }: { readonly dtype: string; readonly shape: readonly number[]; readonly byteLength: number }): void {
    const bits = Object.hasOwn(DTYPE_BITS, dtype) ? DTYPE_BITS[dtype] : undefined;
    // A type newer than this program says nothing about tensors of other types.
    if (bits === undefined) return;
    const size = shape.reduce((product, length) => product * length, bits) / 8;
    if (size !== byteLength) throw this.#broken(node, `${name} of ${dtype} and shape [${shape.join(", ")}] has ${size} bytes, but its data_offsets give it ${byteLength}`);
  }

  #integers(tensor: string, what: string, entry: NodeId, node: NodeId | undefined): readonly number[] {
    const tree = this.#tree;
    if (node === undefined || tree.kind(node) !== "array") throw this.#broken(node ?? entry, `the entry of ${tensor} has no list '${what}'`);
    return tree.children(node).map((child) => {
      const value = DIGITS.test(tree.source(child)) ? Number(tree.source(child)) : -1;
      if (!Number.isSafeInteger(value) || value < 0) throw this.#broken(child, `the ${what} of ${tensor} hold something that is no size`);
      return value;
    });
  }

  #checkMetadata(node: NodeId): void {
    const tree = this.#tree;
    const texts = tree.kind(node) === "object" && tree.children(node).every((key) => tree.kind(tree.valueOf(key)) === "string");
    if (!texts) throw this.#broken(node, "its __metadata__ is no object of texts");
  }

  #broken(node: NodeId, what: string): Error {
    return brokenFile(this.#file, this.#byteOf(this.#tree.span(node).start), what);
  }

  #byteOf(offset: number): number {
    return 8 + utf8Length(this.#tree.text, 0, offset);
  }
}
