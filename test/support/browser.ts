import { type Browser, chromium } from "playwright-core";

const chromiumArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts the Chromium that the test runner found or installed: `CHROMIUM_PATH`, set by test/host/install.mjs. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM_PATH;
  if (executablePath === undefined) throw new Error("CHROMIUM_PATH names no Chromium. Start the tests with 'npm test', which finds one.");
  return await chromium.launch({ executablePath, headless: true, args: chromiumArguments });
}
