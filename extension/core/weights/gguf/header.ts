import { brokenFile, tooLarge, WeightsError } from "../errors";
import type { OpenedFile } from "../openedFile";
import type { TensorPlace } from "../weightFile";
import { Cursor } from "./cursor";
import { MAX_DIMENSIONS, MAX_ENTRIES, MAX_NAME_BYTES, MAX_TENSORS } from "./limits";
import { type GgufMetadata, type GgufValue, metadataNumber } from "./metadata";
import { ggmlType } from "./tensorTypes";
import { ValueReader } from "./values";

/** A tensor of a GGUF file. Its shape is in C order, the other way round than in the file. */
export interface GgufTensor extends TensorPlace {
  /** Undefined where the type's size is not known. */
  readonly byteLength: number | undefined;
}

/** What stands before a GGUF file's tensors. */
export interface GgufHeader {
  readonly version: number;
  readonly littleEndian: boolean;
  /** In the file's order. */
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Where the tensors' data begin. */
  readonly dataStart: number;
}

export interface GgufHeaderOptions {
  /** Which arrays of the metadata to keep; all when left out. Those passed over take no memory. */
  readonly keepArray?: (key: string) => boolean;
}

/** Source: `GGUF_DEFAULT_ALIGNMENT`. */
const DEFAULT_ALIGNMENT = 32;

const ALIGNMENT_KEY = "general.alignment";

/**
 * Reads a GGUF file's metadata and its table of tensors, versions 1 to 3 in both byte orders, and nothing of the tensors.
 * @throws WeightsError `weights-broken`, `weights-too-large`, `weights-unsupported` for a version of the future,
 * `weights-missing` for a Git LFS pointer.
 */
export async function readGgufHeader(file: OpenedFile, { keepArray = () => true }: GgufHeaderOptions = {}): Promise<GgufHeader> {
  const cursor = new Cursor(file);
  const version = await readVersion(file, cursor);
  const values = new ValueReader(file.name, cursor, version);
  const tensorCount = await values.count();
  const entryCount = await values.count();
  if (tensorCount > MAX_TENSORS) throw tooLarge(file.name, cursor.position, `it has ${tensorCount} tensors`, `${MAX_TENSORS}`);
  if (entryCount > MAX_ENTRIES) throw tooLarge(file.name, cursor.position, `it has ${entryCount} metadata entries`, `${MAX_ENTRIES}`);
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < entryCount; i++) {
    const start = cursor.position;
    const key = await values.text(MAX_NAME_BYTES);
    if (metadata.has(key)) throw brokenFile(file.name, start, `the metadata have ${key} twice`);
    metadata.set(key, await values.value(keepArray(key)));
  }
  const infos = await readTensorInfos(file.name, cursor, values, tensorCount);
  const alignment = alignmentOf(file.name, metadata);
  const dataStart = Math.ceil(cursor.position / alignment) * alignment;
  return { version, littleEndian: cursor.littleEndian, metadata, tensors: placeTensors(file, infos, dataStart, alignment), dataStart };
}

async function readVersion({ name, access }: OpenedFile, cursor: Cursor): Promise<number> {
  if (access.size < 8) throw brokenFile(name, 0, `it has ${access.size} bytes, too few for a GGUF file`);
  await cursor.need(8);
  const magic = String.fromCharCode(...cursor.take(4));
  if (magic !== "GGUF") throw brokenFile(name, 0, "it does not begin with GGUF");
  const position = cursor.position;
  let version = cursor.u32();
  // A small number in the other byte order has its lower half empty.
  if ((version & 0xffff) === 0) {
    cursor.littleEndian = false;
    version = swapped(version);
  }
  if (version >= 1 && version <= 3) return version;
  throw new WeightsError("weights-unsupported", `${name} has version ${version} of GGUF; versions 1 to 3 are read.`, { file: name, byteOffset: position });
}

function swapped(value: number): number {
  return (((value & 255) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}

function alignmentOf(file: string, metadata: GgufMetadata): number {
  const entry = metadata.get(ALIGNMENT_KEY);
  if (entry === undefined) return DEFAULT_ALIGNMENT;
  const value = metadataNumber(metadata, ALIGNMENT_KEY) ?? 0;
  if (entry.type !== "u32" || value === 0 || !Number.isInteger(Math.log2(value))) throw brokenFile(file, undefined, `${ALIGNMENT_KEY} is no power of two`);
  return value;
}

/** An entry of the table of tensors as it stands in the file. */
interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly typeCode: number;
  /** From where the data begin. */
  readonly offset: number;
  /** Where the entry stands, for messages. */
  readonly position: number;
}

async function readTensorInfos(file: string, cursor: Cursor, values: ValueReader, count: number): Promise<readonly TensorInfo[]> {
  const infos: TensorInfo[] = [];
  for (let i = 0; i < count; i++) {
    const position = cursor.position;
    const name = await values.text(MAX_NAME_BYTES);
    await cursor.need(4);
    const dimensions = cursor.u32();
    if (dimensions > MAX_DIMENSIONS) throw brokenFile(file, position, `${name} has ${dimensions} dimensions; GGUF has at most ${MAX_DIMENSIONS}`);
    const shape: number[] = [];
    for (let k = 0; k < dimensions; k++) shape.unshift(await values.count());
    await cursor.need(12);
    infos.push({ name, shape, typeCode: cursor.u32(), offset: cursor.u64(), position });
  }
  return infos;
}

function placeTensors({ name: file, access }: OpenedFile, infos: readonly TensorInfo[], dataStart: number, alignment: number): ReadonlyMap<string, GgufTensor> {
  const tensors = new Map<string, GgufTensor>();
  const ranges: { readonly start: number; readonly end: number; readonly info: TensorInfo }[] = [];
  for (const info of infos) {
    const { name, shape, typeCode, offset, position } = info;
    if (tensors.has(name)) throw brokenFile(file, position, `it has the tensor ${name} twice`);
    if (offset % alignment !== 0) throw brokenFile(file, position, `${name} does not begin at a multiple of ${alignment} bytes`);
    const byteLength = sizeOf(file, info);
    const start = dataStart + offset;
    const end = start + (byteLength ?? 0);
    if (end > access.size) throw brokenFile(file, position, `${name} should end at byte ${end}, but the file ends at ${access.size}`);
    ranges.push({ start, end, info });
    tensors.set(name, { dtype: ggmlType(typeCode)?.name ?? `type ${typeCode}`, shape, byteOffset: start, byteLength });
  }
  ranges.sort((a, b) => a.start - b.start || a.end - b.end);
  let covered = 0;
  for (const { start, end, info } of ranges) {
    if (start < covered) throw brokenFile(file, info.position, `${info.name} overlaps another tensor`);
    covered = Math.max(covered, end);
  }
  return tensors;
}

/** Bytes of a tensor; undefined where the type is not known. */
function sizeOf(file: string, { name, shape, typeCode, position }: TensorInfo): number | undefined {
  const type = ggmlType(typeCode);
  const values = shape.reduce((product, length) => product * length, 1);
  const rowLength = shape.at(-1) ?? 1;
  if (!Number.isSafeInteger(values)) throw brokenFile(file, position, `${name} has the shape [${shape.join(", ")}], more values than can be counted`);
  if (type === undefined) return undefined;
  if (rowLength % type.block !== 0) throw brokenFile(file, position, `${name} has rows of ${rowLength} values, which are no whole blocks of ${type.block} values of ${type.name}`);
  return (values / type.block) * type.bytes;
}
