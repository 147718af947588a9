import * as assert from "node:assert/strict";
import { cpSync } from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { WALKTHROUGH } from "../../extension/manifest/walkthrough";
import { temporaryFolder } from "../support/cleanup";
import { root } from "../support/paths";
import { Workbench } from "../support/workbench";

void test("the walkthrough", async (t) => {
  const folder = path.join(temporaryFolder("e2e"), "sample-workspace");
  cpSync(path.join(root, "extension", "assets", "sample-workspace"), folder, { recursive: true });
  // In a narrow window there is no room for pictures.
  const workbench = await Workbench.open({ folder, size: { width: 1600, height: 900 } });
  t.after(() => workbench.close());
  const { page } = workbench;
  await workbench.runCommand("Welcome: Open Walkthrough...");
  await workbench.pickEntry(WALKTHROUGH.title);

  for (const theme of ["dark", "light"] as const) {
    await t.test(`shows a picture of the product beside each step, in the ${theme} theme`, async () => {
      if (theme === "light") await workbench.setTheme(theme);
      for (const { title, altText } of WALKTHROUGH.steps) {
        await page.locator(".getting-started-step .step-title", { hasText: title }).first().click();
        const picture = page.locator(`img[alt="${altText}"]`);
        await picture.waitFor();
        const { source, width } = await picture.evaluate((element: HTMLImageElement) => ({ source: element.currentSrc, width: element.naturalWidth }));
        assert.ok(width > 500, `${source} is ${width} pixels wide`);
        assert.match(source, new RegExp(`-${theme}\\.png`));
        await workbench.screenshot(`walkthrough-${title.replaceAll(/\W+/g, "-").toLowerCase()}-${theme}`);
      }
    });
  }
});
