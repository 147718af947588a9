// Makes the ONNX and the GGUF file that are shipped from model.safetensors: node extension/assets/model/training/convert.mjs
// Other precisions, into another folder: … convert.mjs FOLDER fp32 fp16 q4 q4f16 F16 Q4_0

import * as path from "node:path";
import { load, root } from "../../../../test/support/bundle.mjs";

const { EMBEDDED, convertToGguf, convertToOnnx } = await load("support/models/convert.ts");
const [folder = EMBEDDED, ...precisions] = process.argv.slice(2);
process.chdir(root);
for (const precision of precisions.length > 0 ? precisions : ["bf16", "Q8_0"]) {
  const convert = /^[a-z]/.test(precision) ? convertToOnnx : convertToGguf;
  console.log(path.relative(root, convert(EMBEDDED, folder, precision)));
}
