import { type PickleCalls, type PickleDict, type PickleValue, isKind } from "./pickle";

/** A tensor of a state dictionary: a window onto a storage. */
export interface TorchTensor {
  readonly storage: TorchStorage;
  /** By the names of safetensors. */
  readonly dtype: string;
  /** Bytes a value. */
  readonly itemSize: number;
  readonly shape: readonly number[];
  /** Steps in values, one a dimension. */
  readonly stride: readonly number[];
  /** Where it begins in the storage, in values. */
  readonly offset: number;
}

interface TorchStorage {
  readonly dtype: string;
  readonly itemSize: number;
  /** The file `data/<key>` of the archive. */
  readonly key: string;
  /** Values, or bytes where the storage has no type. */
  readonly length: number;
}

/** The type of a storage's values by the class; the untyped one counts bytes. */
const STORAGES: Readonly<Record<string, readonly [dtype: string, itemSize: number]>> = {
  "torch.DoubleStorage": ["F64", 8], "torch.FloatStorage": ["F32", 4], "torch.HalfStorage": ["F16", 2], "torch.BFloat16Storage": ["BF16", 2],
  "torch.LongStorage": ["I64", 8], "torch.IntStorage": ["I32", 4], "torch.ShortStorage": ["I16", 2], "torch.CharStorage": ["I8", 1],
  "torch.ByteStorage": ["U8", 1], "torch.BoolStorage": ["BOOL", 1], "torch.ComplexFloatStorage": ["C64", 8], "torch.ComplexDoubleStorage": ["C128", 16],
  "torch.storage.UntypedStorage": ["U8", 1],
};

/** Types that have no class of storage, and stand beside an untyped one. */
const DTYPES: Readonly<Record<string, readonly [dtype: string, itemSize: number]>> = {
  "torch.float8_e4m3fn": ["F8_E4M3", 1], "torch.float8_e5m2": ["F8_E5M2", 1], "torch.float8_e4m3fnuz": ["F8_E4M3FNUZ", 1], "torch.float8_e5m2fnuz": ["F8_E5M2FNUZ", 1],
  "torch.float8_e8m0fnu": ["F8_E8M0", 1], "torch.uint16": ["U16", 2], "torch.uint32": ["U32", 4], "torch.uint64": ["U64", 8],
};

const ORDERED_DICT = "collections.OrderedDict";
const REBUILD_V2 = "torch._utils._rebuild_tensor_v2";
const REBUILD_V3 = "torch._utils._rebuild_tensor_v3";
const REBUILD_PARAMETER = "torch._utils._rebuild_parameter";

/** A larger tensor or offset is in no file. */
const MAX_DIMENSIONS = 64;

/** What a state dictionary that torch saved may name. Source: `torch/_utils.py`. */
export const TORCH_CALLS: PickleCalls = {
  allows: (name) => name === ORDERED_DICT || name === REBUILD_V2 || name === REBUILD_V3 || name === REBUILD_PARAMETER || Object.hasOwn(STORAGES, name) || Object.hasOwn(DTYPES, name),
  call: (name, args) => {
    if (name === ORDERED_DICT) return args.length === 0 ? { kind: "dict", entries: new Map() } : undefined;
    if (name === REBUILD_PARAMETER) return tensorOf(args[0]) === undefined ? undefined : args[0];
    if (name === REBUILD_V2) return made(rebuildTensor(args, undefined));
    if (name === REBUILD_V3) return made(rebuildTensor(args, args[6]));
    return undefined;
  },
  persistent: (id) => made(storageOf(id)),
};

function made(value: object | undefined): PickleValue | undefined {
  return value === undefined ? undefined : { kind: "made", value };
}

/** ("storage", class, key, device, length). */
function storageOf(id: PickleValue): TorchStorage | undefined {
  if (!isKind(id, "tuple")) return undefined;
  const [word, type, key, , length] = id.items;
  if (word !== "storage" || !isKind(type, "global") || typeof key !== "string" || !isSize(length)) return undefined;
  const known = Object.hasOwn(STORAGES, type.name) ? STORAGES[type.name] : undefined;
  return known === undefined ? undefined : { dtype: known[0], itemSize: known[1], key, length };
}

/** (storage, offset, size, stride, …); in the third version the seventh is the type. */
function rebuildTensor([storageValue, offset, size, strideValue]: readonly PickleValue[], type: PickleValue | undefined): TorchTensor | undefined {
  const storage = isKind(storageValue, "made") && isStorage(storageValue.value) ? storageValue.value : undefined;
  const shape = sizes(size);
  const stride = sizes(strideValue);
  if (storage === undefined || !isSize(offset) || shape === undefined || stride?.length !== shape.length) return undefined;
  if (type === undefined) return { storage, dtype: storage.dtype, itemSize: storage.itemSize, shape, stride, offset };
  const known = isKind(type, "global") && Object.hasOwn(DTYPES, type.name) ? DTYPES[type.name] : undefined;
  return known === undefined ? undefined : { storage, dtype: known[0], itemSize: known[1], shape, stride, offset };
}

function isStorage(value: unknown): value is TorchStorage {
  return typeof value === "object" && value !== null && "key" in value;
}

function isTensor(value: unknown): value is TorchTensor {
  return typeof value === "object" && value !== null && "storage" in value;
}

function isSize(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function sizes(value: PickleValue | undefined): readonly number[] | undefined {
  if (!isKind(value, "tuple") || value.items.length > MAX_DIMENSIONS) return undefined;
  return value.items.every(isSize) ? value.items : undefined;
}

function tensorOf(value: PickleValue | undefined): TorchTensor | undefined {
  return isKind(value, "made") && isTensor(value.value) ? value.value : undefined;
}

/** Under which names training scripts keep a model's weights in their checkpoints. */
const WRAPPERS = ["state_dict", "model_state_dict", "model", "module"];

/** The tensors by name of a state dictionary, or of a checkpoint with one in it; undefined where the value is neither. */
export function stateTensors(root: PickleValue): ReadonlyMap<string, TorchTensor> | undefined {
  if (!isKind(root, "dict")) return undefined;
  const tensors = tensorsOf(root);
  if (tensors.size > 0) return tensors;
  for (const [name, value] of root.entries) {
    if (typeof name !== "string" || !WRAPPERS.includes(name) || !isKind(value, "dict")) continue;
    const inner = tensorsOf(value);
    if (inner.size > 0) return inner;
  }
  return tensors;
}

function tensorsOf(dict: PickleDict): ReadonlyMap<string, TorchTensor> {
  const tensors = new Map<string, TorchTensor>();
  for (const [name, value] of dict.entries) {
    const tensor = tensorOf(value);
    if (typeof name === "string" && tensor !== undefined) tensors.set(name, tensor);
  }
  return tensors;
}
