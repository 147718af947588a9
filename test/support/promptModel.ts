import * as path from "node:path";
import { readModelFolder } from "../../extension/core/model/modelFolder";
import { PromptModel } from "../../extension/core/model/promptModel";
import { folderAt } from "../../extension/node/files";
import { openModelTokenizer } from "../../extension/node/loadModel";
import { root } from "./paths";

/** The extension's own small model, with a template of the test's. Its templates get `bos_token` "<|begin|>" and the like. */
export async function promptModel(template?: string): Promise<PromptModel> {
  const files = await readModelFolder(folderAt(path.join(root, "extension/assets/model")));
  return new PromptModel(files, (await openModelTokenizer(files)).tokenizer, template === undefined ? {} : { template: { name: "test", source: template } });
}

/** The same model without any template. */
export async function modelWithoutTemplate(): Promise<PromptModel> {
  const files = await readModelFolder(folderAt(path.join(root, "extension/assets/model")));
  return new PromptModel({ ...files, templates: new Map() }, (await openModelTokenizer(files)).tokenizer, {});
}
