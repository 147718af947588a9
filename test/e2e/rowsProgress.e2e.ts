import * as assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../support/cleanup";
import { HubServer } from "../support/hub/hubServer";
import { tinyModel, tinyTokenId } from "../support/hub/tinyModel";
import { until } from "../support/wait";
import { Workbench } from "../support/workbench";

void test("rows that take long to read are told of in a real workbench, and can be done without", async (t) => {
  const hub = await HubServer.start();
  t.after(() => hub.close());
  const home = temporaryFolder("e2e-rows-progress");
  const folder = path.join(home, "workspace");
  mkdirSync(path.join(folder, ".vscode"), { recursive: true });
  writeFileSync(path.join(folder, "train.jsonl"), `{"text":"z"}\n{"text":"h w "}\n`);
  writeFileSync(path.join(folder, ".vscode", "settings.json"), '{"tunesmith.models":{"**":"hf://org/tiny"}}');
  hub.push("org/tiny", tinyModel(tinyTokenId("z")));
  // Ten bytes at a time: half a minute for a row.
  const inStorage = ({ server, range }: { readonly server: string; readonly range?: unknown }): boolean => server === "storage" && range !== undefined;
  hub.fault({ kind: "slow", pieceBytes: 10, pauseMs: 1000 }, inStorage, 1000);

  const env = { HF_ENDPOINT: hub.endpoint, HF_HOME: path.join(home, "hf"), HF_TOKEN: "", TUNESMITH_CACHE: path.join(home, "cache") };
  const workbench = await Workbench.open({ folder, env, theme: "light" });
  t.after(() => workbench.close());
  const { page } = workbench;
  const told = page.locator(".notification-list-item", { hasText: "Reading the embedding rows of tiny" }).last();
  await workbench.openFile("train.jsonl");

  await t.test("with a way to cancel", async () => {
    const show = async (): Promise<boolean> => {
      if (!(await told.isVisible())) await workbench.runCommand("Notifications: Show Notifications");
      return await told.isVisible();
    };
    await until("the notification", show, (shown) => shown, 60_000);
    await workbench.screenshot("rows-progress-light");
    await workbench.setTheme("dark");
    await workbench.screenshot("rows-progress-dark");
    await told.hover();
    await told.getByRole("button", { name: "Cancel" }).click();
    await told.waitFor({ state: "detached" });
  });

  await t.test("after which the dataset is checked without verdicts, which the status says", async () => {
    const texts = await workbench.languageStatus((all) => all.some((text) => text.includes("untrained tokens are not known")));
    assert.ok(texts.some((text) => text.startsWith("2 rows · 6 tokens")), texts.join("\n"));
  });
});
