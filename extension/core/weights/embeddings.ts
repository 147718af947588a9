import type { JsonObject } from "../dataset/conversation";
import type { FileSource } from "../io/ports";
import { WeightsError } from "./errors";
import type { EmbeddingMatrices, RowMatrix } from "./matrix";
import { type Layout, layoutsOf, nothingToRead } from "./source/layouts";
import { findMatrices, findQuantised, type MatrixNames } from "./source/names";
import { asksForTie, sameMatrix } from "./source/tie";
import { WeightSet } from "./source/weightSet";

/**
 * Finds the two matrices that token ids index in a model's folder, or in a source of one file and its parts. Reads indices
 * and headers, and where a model is to be tied although it has both matrices, samples of them.
 *
 * Preferred are safetensors, then files of torch, then GGUF. A model without output matrix is tied. With both matrices, it is
 * tied where config.json, or the model's class, asks for that and they are the same, as in transformers 5; earlier versions
 * would not look at the output matrix. A GGUF file's output matrix is always its own, as in llama.cpp.
 * @param config the content of config.json; empty where there is none.
 * @throws WeightsError whose code says what is wrong, and {@link TunesmithError} of the source.
 */
export async function openEmbeddings(source: FileSource, config: JsonObject): Promise<EmbeddingMatrices> {
  const names = await source.list();
  const layouts = layoutsOf(names);
  const tried: string[] = [];
  let failure: WeightsError | undefined;
  for (const layout of layouts) {
    if (layout.format === "gguf") refuseSeveral(source, layouts);
    try {
      const { matrices, summary } = await openLayout(source, layout, config);
      if (matrices !== undefined) return matrices;
      tried.push(`${layout.index ?? layout.files[0] ?? ""} (${summary})`);
    } catch (error) {
      if (layout.certain || !(error instanceof WeightsError)) throw error;
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
  if (tried.length === 0) throw nothingToRead(source.name, names);
  const message = `No tensor of ${source.name} has the name of an embedding matrix that is known here, such as model.embed_tokens.weight. Looked into ${tried.join("; ")}.`;
  throw new WeightsError("weights-missing", message);
}

/** The matrices that a model's files have; `summary` says what they have instead. */
async function openLayout(source: FileSource, layout: Layout, config: JsonObject): Promise<{ readonly matrices?: EmbeddingMatrices; readonly summary: string }> {
  const set = await WeightSet.open(source, layout);
  const { summary } = set;
  try {
    const found = matricesOf(set, layout);
    if (found !== undefined) return { matrices: await openMatrices(set, found, layout.format !== "gguf" && asksForTie(config)), summary };
  } catch (error) {
    await set.close();
    throw error;
  }
  await set.close();
  return { summary };
}

/** Which of several GGUF files is meant cannot be known: most folders hold one model in several quantisations. */
function refuseSeveral(source: FileSource, layouts: readonly Layout[]): void {
  const firsts = layouts.filter(({ format }) => format === "gguf").map(({ files }) => files[0] ?? "");
  if (firsts.length <= 1) return;
  const shown = firsts.slice(0, 5).join(", ");
  throw new WeightsError("weights-ambiguous", `${source.name} holds ${firsts.length} GGUF models: ${shown}${firsts.length > 5 ? ", …" : ""}. Give the path of one of them.`);
}

function matricesOf(set: WeightSet, { format }: Layout): MatrixNames | undefined {
  const has = (name: string): boolean => set.has(name);
  if (format === "gguf") return has(GGUF.input) ? { input: GGUF.input, output: has(GGUF.output) ? GGUF.output : undefined } : undefined;
  const found = findMatrices(has);
  if (found === undefined) refuseQuantised(findQuantised(has));
  else if (found.output === undefined) refuseQuantised(findQuantised(has, found.input));
  return found;
}

/** Source: llama.cpp's tensor names. */
const GGUF = { input: "token_embd.weight", output: "output.weight" };

async function openMatrices(set: WeightSet, names: MatrixNames, tie: boolean): Promise<EmbeddingMatrices> {
  const input = await openMatrix(set, names.input);
  const output = names.output === undefined ? input : await openMatrix(set, names.output);
  const tied = output === input || (tie && (await sameMatrix(input, output)));
  const matrices = { input, output: tied ? input : output };
  await set.close([matrices.input, matrices.output]);
  return { ...matrices, tied, close: () => set.close() };
}

async function openMatrix(set: WeightSet, name: string): Promise<RowMatrix> {
  try {
    return await set.matrix(name);
  } catch (error) {
    // A tensor of integers says more by those that stand beside it.
    if (error instanceof WeightsError && error.code === "weights-unsupported") refuseQuantised(packedBy(set, name));
    throw error;
  }
}

/** What packed the values of a tensor that keeps its name, by the tensors beside it. */
function packedBy(set: WeightSet, name: string): { readonly tensor: string; readonly by: string } | undefined {
  const module = name.replace(/\.weight$/, "");
  const has = (ending: string): boolean => set.has(module + ending);
  if (has(".scales")) return { tensor: name, by: "MLX" };
  if (has(".weight.absmax") || has(".weight.quant_map")) return { tensor: name, by: "bitsandbytes in 4 bits" };
  if (has(".SCB") || has(".weight.SCB")) return { tensor: name, by: "bitsandbytes in 8 bits" };
  return undefined;
}

function refuseQuantised(found: { readonly tensor: string; readonly by: string } | undefined): void {
  if (found === undefined) return;
  const message = `${found.tensor} was quantised by ${found.by}, so that its rows cannot be read. Use the model that it was quantised from: its embedding rows are what matters for training.`;
  throw new WeightsError("weights-unsupported", message);
}
