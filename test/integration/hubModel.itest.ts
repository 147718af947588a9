import * as assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import { after, afterEach, before, describe, it } from "mocha";
import * as vscode from "vscode";
import { HubServer } from "../support/hub/hubServer";
import { tinyModel, tinyTokenId } from "../support/hub/tinyModel";
import { diagnosticsOf, replaceLine, reset, show, writeDataset } from "./workspace";

const VARIABLES = ["HF_ENDPOINT", "HF_HOME", "TUNESMITH_CACHE"] as const;
/** 128 values of 16 bits. */
const ROW_BYTES = 256;

describe("a dataset for a model of the hub", () => {
  let hub: HubServer;
  let home: string;
  const outside = VARIABLES.map((name) => [name, process.env[name]] as const);

  before(async () => {
    hub = await HubServer.start();
    home = mkdtempSync(path.join(tmpdir(), "tunesmith-hub-"));
    // Threads that are started from now on have this environment.
    process.env["HF_ENDPOINT"] = hub.endpoint;
    process.env["HF_HOME"] = home;
    process.env["TUNESMITH_CACHE"] = path.join(home, "cache");
  });
  after(async () => {
    for (const [name, value] of outside) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
    await hub.close();
    rmSync(home, { recursive: true, force: true });
  });
  afterEach(reset);

  it("has ordinary tokens judged too, of which only the rows in use are read, as they come to be used", async function () {
    this.timeout(240_000);
    const id = tinyTokenId("h");
    hub.push("org/tiny", tinyModel(id));
    await vscode.workspace.getConfiguration("tunesmith").update("models", { "**": "hf://org/tiny" }, vscode.ConfigurationTarget.Workspace);
    const uri = writeDataset(`{"text":"z"}\n{"text":"h"}\n{"text":"z"}\n`);
    const document = await show(uri);
    const told = (row: number): string => `tokens/untrained ${row}:10-${row}:11 Error`;
    await diagnosticsOf(uri, (all) => all.includes(told(2)));
    const fetched = (): number => hub.requests.filter(({ server, range }) => server === "storage" && range !== undefined).reduce((sum, { bytes }) => sum + bytes, 0);
    const before = fetched();
    assert.ok(before > 0 && before < 2 * 100 * ROW_BYTES, `${before} bytes`);

    await replaceLine(document, 3, `{"text":"h w"}`);
    await diagnosticsOf(uri, (all) => all.includes(told(2)) && all.includes(told(3)));
    assert.ok(fetched() - before < 2 * 20 * ROW_BYTES, `${fetched() - before} bytes more`);
  });
});
