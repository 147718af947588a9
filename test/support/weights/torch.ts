import { ByteWriter } from "./bytes";
import { scalarBytes } from "./scalars";
import type { TensorData } from "./tensor";
import { type ZipEntry, type ZipOptions, writeZip } from "./zip";

/** The storage classes of torch by the type of their values. */
const STORAGES: Readonly<Record<string, string>> = { F64: "DoubleStorage", F32: "FloatStorage", F16: "HalfStorage", BF16: "BFloat16Storage", I64: "LongStorage", U8: "ByteStorage" };

/** Types without a class of storage: bytes, and the type beside them. */
const UNTYPED: Readonly<Record<string, string>> = { F8_E4M3: "float8_e4m3fn", F8_E5M2: "float8_e5m2", F8_E4M3FNUZ: "float8_e4m3fnuz", F8_E5M2FNUZ: "float8_e5m2fnuz", F8_E8M0: "float8_e8m0fnu" };

export interface TorchTensor extends TensorData {
  /** The tensor's data are those of the tensor of this name, which stands before it. */
  readonly sharedWith?: string;
  /** Where it begins in its storage, in values. */
  readonly storageOffset?: number;
  /** Steps in values; those of C order when left out. */
  readonly stride?: readonly number[];
  /** Wrapped as `torch.nn.Parameter` is. */
  readonly parameter?: boolean;
}

export interface TorchOptions extends ZipOptions {
  /** The folder inside of the archive. */
  readonly folder?: string;
  readonly byteOrder?: "little" | "big";
  /** Put the tensors into a dictionary under this key, as training checkpoints do. */
  readonly under?: string;
  /** Close with the `_metadata` of a module's state, as `state_dict()` has it. */
  readonly moduleMetadata?: boolean;
}

/** What `torch.save` writes for a dictionary of tensors. */
export function writeTorch(tensors: readonly TorchTensor[], options: TorchOptions = {}): Uint8Array {
  const { folder = "archive", byteOrder = "little" } = options;
  const keys = new Map<string, string>();
  const data: ZipEntry[] = [];
  for (const { name, bytes, sharedWith } of tensors) {
    const shared = sharedWith === undefined ? undefined : keys.get(sharedWith);
    keys.set(name, shared ?? String(data.length));
    if (shared === undefined) data.push({ name: `${folder}/data/${data.length}`, bytes });
  }
  const pickle = pickleOf(tensors, keys, options);
  const text = (name: string, value: string): ZipEntry => ({ name: `${folder}/${name}`, bytes: new TextEncoder().encode(value) });
  const entries = [{ name: `${folder}/data.pkl`, bytes: pickle }, text("byteorder", byteOrder), ...data, text("version", "3\n")];
  return writeZip(entries, options);
}

/** An archive with this pickle, whatever it says. */
export function torchOf(pickle: Uint8Array, data: readonly Uint8Array[], options: ZipOptions = {}): Uint8Array {
  const storages = data.map((bytes, i) => ({ name: `archive/data/${i}`, bytes }));
  return writeZip([{ name: "archive/data.pkl", bytes: pickle }, ...storages, { name: "archive/version", bytes: new TextEncoder().encode("3\n") }], options);
}

function pickleOf(tensors: readonly TorchTensor[], keys: ReadonlyMap<string, string>, { under, moduleMetadata = false }: TorchOptions): Uint8Array {
  const to = new PickleWriter();
  if (under !== undefined) to.op("}").mark().string(under);
  to.orderedDict().mark();
  const sizes = new Map(tensors.filter(({ sharedWith }) => sharedWith === undefined).map((tensor) => [keys.get(tensor.name), tensor.bytes.length]));
  for (const tensor of tensors) to.string(tensor.name).tensor(tensor, keys.get(tensor.name) ?? "", sizes.get(keys.get(tensor.name)) ?? 0);
  to.op("u");
  if (moduleMetadata) to.op("}").string("_metadata").orderedDict().string("").op("}").string("version").integer(1).op("s").op("s").op("s").op("b");
  if (under !== undefined) to.op("u");
  return to.op(".").take();
}

/** Writes pickles of protocol 2. Every value is put into the memo, though none is taken from there, as torch does. */
export class PickleWriter {
  readonly #to = new ByteWriter().u8(0x80, 2);
  #memo = 0;

  op(code: string): this {
    this.#to.text(code);
    return this;
  }

  bytes(...values: readonly number[]): this {
    this.#to.u8(...values);
    return this;
  }

  mark(): this {
    return this.op("(");
  }

  string(value: string): this {
    const bytes = new TextEncoder().encode(value);
    this.#to.text("X").u32(bytes.length).bytes(bytes);
    return this.#put();
  }

  integer(value: number): this {
    if (value >= 0 && value < 256) this.op("K").bytes(value);
    else if (value >= 0 && value < 65536) this.#to.text("M").u16(value);
    else if (Math.abs(value) < 2 ** 31) this.#to.text("J").i32(value);
    else this.#to.u8(0x8a, 8).i64(value);
    return this;
  }

  global(module: string, name: string): this {
    this.op(`c${module}\n${name}\n`);
    return this.#put();
  }

  orderedDict(): this {
    return this.global("collections", "OrderedDict").op(")").op("R");
  }

  tuple(values: readonly number[]): this {
    this.mark();
    for (const value of values) this.integer(value);
    return this.op("t").#put();
  }

  tensor(tensor: TorchTensor, key: string, storageBytes: number): this {
    const { dtype, shape, storageOffset = 0, stride = cOrder(shape), parameter = false } = tensor;
    const untyped = UNTYPED[dtype];
    const storage = STORAGES[dtype];
    if (untyped === undefined && storage === undefined) throw new RangeError(`torch has no storage for ${dtype}.`);
    if (parameter) this.global("torch._utils", "_rebuild_parameter").mark();
    this.global("torch._utils", untyped === undefined ? "_rebuild_tensor_v2" : "_rebuild_tensor_v3").mark();
    this.mark().string("storage").global(storage === undefined ? "torch.storage" : "torch", storage ?? "UntypedStorage");
    const size = untyped === undefined ? (dtype === "I64" ? 8 : dtype === "U8" ? 1 : (scalarBytes(dtype) ?? 1)) : 1;
    this.string(key).string("cpu").integer(storageBytes / size).op("t").#put().op("Q");
    this.integer(storageOffset).tuple(shape).tuple(stride).bytes(0x89).orderedDict();
    if (untyped !== undefined) this.global("torch", untyped);
    this.op("t").#put().op("R");
    if (parameter) this.bytes(0x88).orderedDict().op("t").#put().op("R");
    return this.#put();
  }

  take(): Uint8Array {
    return this.#to.take();
  }

  #put(): this {
    if (this.#memo < 256) this.#to.u8(0x71, this.#memo++);
    else this.#to.text("r").u32(this.#memo++);
    return this;
  }
}

function cOrder(shape: readonly number[]): number[] {
  const strides: number[] = [];
  let step = 1;
  for (const size of [...shape].reverse()) {
    strides.unshift(step);
    step *= size;
  }
  return strides;
}
