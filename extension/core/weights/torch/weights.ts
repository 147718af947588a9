import { brokenFile, tooLarge, WeightsError } from "../errors";
import { type OpenedFile, readBytes, refusePointer, sizeText } from "../openedFile";
import { type TensorPlace, type WeightFile, rowMatrix, weightFile } from "../weightFile";
import { readPickle } from "./pickle";
import { type TorchTensor, TORCH_CALLS, stateTensors } from "./state";
import { type ZipEntry, entryDataOffset, entryError, readZipDirectory } from "./zip";

/** A tensor takes some 150 bytes of the pickle, so that this is enough for 400,000. */
export const MAX_PICKLE_BYTES = 64 * 1024 * 1024;

/**
 * Opens what `torch.save` made of a dictionary of tensors (torch 1.6 or later: a zip archive of uncompressed files). Reads the
 * archive's directory and the pickle in it, as data; no code of it runs.
 * @throws WeightsError `weights-unsupported` for the format before 1.6 and for a pickle of other things than tensors,
 * `weights-broken`, `weights-too-large`, `weights-missing` for a Git LFS pointer.
 */
export async function readTorch(file: OpenedFile): Promise<WeightFile> {
  await requireZip(file);
  const { entries, unreadable } = await readZipDirectory(file);
  const folder = pickleFolder(file.name, [...entries.keys(), ...unreadable.keys()]);
  const required = (name: string): ZipEntry => {
    const entry = entries.get(folder + name);
    if (entry === undefined) throw entryError(file.name, folder + name, unreadable);
    return entry;
  };
  const pickle = required("data.pkl");
  if (pickle.size > MAX_PICKLE_BYTES) throw tooLarge(file.name, pickle.headerOffset, `its data.pkl has ${sizeText(pickle.size)}`, sizeText(MAX_PICKLE_BYTES));
  const start = await entryDataOffset(file, pickle);
  const tensors = stateTensors(readPickle(await readBytes(file, start, pickle.size), file.name, start, TORCH_CALLS));
  if (tensors === undefined) throw brokenFile(file.name, start, "it holds something else than a dictionary of tensors");
  const order = entries.get(`${folder}byteorder`);
  const bigEndian = order !== undefined && (await readText(file, order)).trim() === "big";
  return weightFile(file, tensors, async (name, tensor) => rowMatrix(file, name, await placeOf(file, name, tensor, required(`data/${tensor.storage.key}`)), bigEndian));
}

/** The first bytes of the format before torch 1.6: a pickle of a number that torch made up. */
const LEGACY = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc];
const ZIP = [0x50, 0x4b];

async function requireZip(file: OpenedFile): Promise<void> {
  const { name, access } = file;
  const head = await readBytes(file, 0, Math.min(64, access.size));
  refusePointer(name, head);
  if (startsWith(head, ZIP)) return;
  if (startsWith(head, LEGACY)) {
    const how = "Load it with torch and save it again, best with save_pretrained, or use the model's safetensors files.";
    throw new WeightsError("weights-unsupported", `${name} has the format of torch before 1.6, which cannot be read without running it. ${how}`, { file: name, byteOffset: 0 });
  }
  throw brokenFile(name, 0, "it is no file of torch");
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

/** The one folder that has a `data.pkl`, with its slash. */
function pickleFolder(file: string, names: readonly string[]): string {
  const pickles = names.filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [only] = pickles;
  if (only === undefined || pickles.length > 1) throw brokenFile(file, undefined, `the archive has ${pickles.length} files data.pkl, but torch writes one`);
  return only.slice(0, -"data.pkl".length);
}

/** The order is one word; more is no reason to read a gigabyte. */
const MAX_WORD = 16;

async function readText(file: OpenedFile, entry: ZipEntry): Promise<string> {
  const offset = await entryDataOffset(file, entry);
  return new TextDecoder().decode(await readBytes(file, offset, Math.min(entry.size, MAX_WORD)));
}

async function placeOf(file: OpenedFile, name: string, tensor: TorchTensor, entry: ZipEntry): Promise<TensorPlace> {
  const { storage, dtype, itemSize, shape, stride, offset } = tensor;
  const broken = (what: string): WeightsError => brokenFile(file.name, entry.headerOffset, what);
  const storageBytes = storage.length * storage.itemSize;
  if (storageBytes > entry.size) throw broken(`the storage of ${name} should have ${storageBytes} bytes, but has ${entry.size}`);
  const values = shape.reduce((product, length) => product * length, 1);
  if ((offset + values) * itemSize > storageBytes) throw broken(`${name} goes on past the end of its storage`);
  if (!isContiguous(shape, stride)) {
    const message = `${name} in ${file.name} is a view of another tensor (shape [${shape.join(", ")}], steps [${stride.join(", ")}]), so that its rows do not stand together. Save the model again with save_pretrained.`;
    throw new WeightsError("weights-unsupported", message, { file: file.name });
  }
  return { dtype, shape, byteOffset: (await entryDataOffset(file, entry)) + offset * itemSize };
}

/** Whether the values stand in C order without gaps. The step of a dimension of one means nothing. */
function isContiguous(shape: readonly number[], stride: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const length = shape[i] ?? 1;
    if (length !== 1 && stride[i] !== step) return false;
    step *= length;
  }
  return true;
}
