import assert from "node:assert/strict";
import { cpSync, mkdirSync } from "node:fs";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { newerNode } from "../support/inference/newerNode";
import { EMBEDDED, questionIds, startSidecar } from "../support/inference/sidecar";
import { convertToOnnx } from "../support/models/convert";

const QUESTIONS = [
  ["What is 12 + 30?", "12 + 30 = 42."],
  ["What is 7 + 15?", "7 + 15 = 22."],
] as const;

const node = await newerNode();
if ("reason" in node && process.env["CI"] !== undefined) throw new Error(node.reason);

/** Where JavaScript has an array of halves, ONNX Runtime hands out other tensors. */
describe("the embedded model in a newer Node", { skip: "reason" in node && node.reason }, () => {
  const folder = path.join(temporaryFolder("runtime"), "model");
  before(() => {
    mkdirSync(folder);
    for (const file of ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "model.safetensors"]) cpSync(path.join(EMBEDDED, file), path.join(folder, file));
    for (const precision of ["fp16", "q4f16"] as const) convertToOnnx(folder, folder, precision);
  });

  for (const variant of ["fp16", "q4f16"] as const) {
    it(`answers in ${variant}, and gives the scores of the tests' own Node`, async () => {
      const [older, newer] = await Promise.all([inNode(process.execPath, variant), inNode("command" in node ? node.command : "", variant)]);
      assert.deepEqual(newer.answers, QUESTIONS.map(([, answer]) => answer));
      assert.deepEqual(newer, older);
    });
  }

  async function inNode(command: string, variant: string): Promise<{ readonly answers: readonly string[]; readonly losses: readonly number[] }> {
    const before = process.execPath;
    process.execPath = command;
    const sidecar = startSidecar();
    try {
      const loading = sidecar.load({ engine: "onnx", path: folder, device: "cpu", variant });
      // The process has been started by now.
      process.execPath = before;
      const model = await loading;
      const answers: string[] = [];
      const losses: number[] = [];
      for (const [question] of QUESTIONS) {
        // The second finds the first's tokens in the cache, which is cut.
        const prompt = await questionIds(question);
        answers.push((await model.generate({ prompt, maxNewTokens: 40 })).text);
        losses.push(...(await model.score({ ids: prompt })).logProbabilities);
      }
      return { answers, losses };
    } finally {
      process.execPath = before;
      sidecar.dispose();
    }
  }
});
