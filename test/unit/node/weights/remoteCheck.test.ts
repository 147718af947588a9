import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import type { Finding } from "../../../../extension/core/analysis/finding";
import { checkFiles } from "../../../../extension/node/checkFiles";
import { temporaryFolder } from "../../../support/cleanup";
import { tinyModel, tinyTokenId } from "../../../support/hub/tinyModel";
import { HubServer } from "../../../support/hub/hubServer";
import { root } from "../../../support/paths";

/** 128 values of 16 bits. */
const ROW_BYTES = 256;

let server: HubServer;
let home: string;

before(async () => {
  server = await HubServer.start();
});
after(() => server.close());
beforeEach(() => {
  server.reset();
  home = temporaryFolder("remote-check");
  process.env["HF_HOME"] = path.join(home, "hub");
  process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
  process.env["HF_ENDPOINT"] = server.endpoint;
});

async function check(texts: readonly string[], jobs: number): Promise<readonly Finding[]> {
  const file = path.join(home, "data.jsonl");
  writeFileSync(file, texts.map((text) => `${JSON.stringify({ text })}\n`).join(""));
  const findings: Finding[] = [];
  const nothing = (): void => undefined;
  await checkFiles({
    files: [file],
    settings: { model: { source: "org/tiny" }, maxLength: undefined, severities: {}, fields: {} },
    jobs,
    workerPath: path.join(root, "dist", "worker.js"),
    events: { onModel: nothing, onFileStart: nothing, onProgress: nothing, onFileEnd: nothing, onFinding: (_, finding) => findings.push(finding) },
  });
  return findings.filter(({ rule }) => rule.startsWith("tokens/"));
}

describe("a check against a model of the hub", () => {
  const id = tinyTokenId("h");

  for (const jobs of [1, 3]) {
    it(`finds ordinary tokens too, and reads the rows of no others, with ${jobs} threads`, async () => {
      server.push("org/tiny", tinyModel(id));
      const findings = await check(["h", "z", "<|reserved_2|>"], jobs);
      assert.deepEqual(findings.map(({ rule, row, data }) => [rule, row, data["id"]]), [["tokens/untrained", 1, id], ["tokens/untrained", 3, 2040]]);
      const fetched = server.requests.filter(({ server: which, range }) => which === "storage" && range !== undefined).reduce((sum, { bytes }) => sum + bytes, 0);
      // Of 2048 rows in each of the two matrices: the ten of added tokens, and some of text.
      assert.ok(fetched < 2 * 100 * ROW_BYTES, `${fetched} bytes`);
    });
  }
});
