import { LineMap } from "../../../base/text";
import { parseJson } from "../../jsonl/parse";
import { decodeUtf8 } from "../../jsonl/utf8";
import { brokenFile, tooLarge } from "../errors";
import { type OpenedFile, readBytes, refusePointer, sizeText } from "../openedFile";

/** An index takes some 100 bytes a tensor: this is enough for 300,000. Parsing takes about seven times as much. */
const MAX_INDEX_BYTES = 32 * 1024 * 1024;

/**
 * The `weight_map` of an index such as model.safetensors.index.json: the file of each tensor, by its name.
 * @throws WeightsError `weights-broken` also where a file would lie outside of the folder, `weights-too-large`.
 */
export async function readShardIndex(file: OpenedFile): Promise<ReadonlyMap<string, string>> {
  const { name, access } = file;
  if (access.size > MAX_INDEX_BYTES) throw tooLarge(name, undefined, `it has ${sizeText(access.size)}`, sizeText(MAX_INDEX_BYTES));
  const bytes = await readBytes(file, 0, access.size);
  refusePointer(name, bytes);
  const { text } = decodeUtf8(bytes);
  const { tree, problems } = parseJson(text);
  const [problem] = problems;
  if (problem !== undefined) {
    const { line, column } = new LineMap(text).positionAt(problem.start);
    throw brokenFile(name, undefined, `line ${line}, column ${column} is not JSON: ${problem.message.replace(/\.$/, "")}`);
  }
  const map = tree.member(0, "weight_map");
  if (map === undefined || tree.kind(tree.valueOf(map)) !== "object") throw brokenFile(name, undefined, "it has no object weight_map");
  const files = new Map<string, string>();
  for (const key of tree.children(tree.valueOf(map))) {
    const value = tree.valueOf(key);
    const target = tree.kind(value) === "string" ? tree.string(value) : "";
    if (!isPlainName(target)) throw brokenFile(name, undefined, `its weight_map gives ${tree.string(key)} no file of this folder`);
    files.set(tree.string(key), target);
  }
  return files;
}

function isPlainName(name: string): boolean {
  return name !== "" && name !== "." && name !== ".." && !/[/\\\0]/.test(name);
}
