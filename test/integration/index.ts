import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import { type HostRun, type TestResult, hostRunVariable } from "./results";

/** Generous: a test's first use of the extension also starts its worker, and a machine that is busy is no failure. */
const testTimeoutMs = 120_000;

/** Called by VS Code inside the extension host. Rejects when a test fails, which gives VS Code its exit code. */
export async function run(): Promise<void> {
  process.setSourceMapsEnabled(true);
  const request = JSON.parse(process.env[hostRunVariable] ?? "") as HostRun;
  const mocha = new Mocha({ ui: "bdd", timeout: testTimeoutMs, reporter: SilentReporter });
  if (request.grep !== undefined) mocha.grep(new RegExp(request.grep));
  for (const file of request.files) mocha.addFile(file);
  const results = await runMocha(mocha);
  writeFileSync(request.results, JSON.stringify(results));
  const failed = results.filter((result) => result.state === "failed").length;
  if (failed > 0) throw new Error(`${failed} failed`);
}

/** The runner prints the results; whatever is printed here ends in the workbench's log. */
class SilentReporter extends Mocha.reporters.Base {}

function runMocha(mocha: Mocha): Promise<readonly TestResult[]> {
  return new Promise((resolve) => {
    const results: TestResult[] = [];
    const add = (test: Mocha.Runnable, state: TestResult["state"], error?: Error): void => {
      const outcome = { title: test.fullTitle(), state, durationMs: test.duration ?? 0 };
      results.push(error === undefined ? outcome : { ...outcome, error: error.stack ?? error.message });
    };
    mocha
      .run(() => resolve(results))
      .on("pass", (test) => add(test, "passed"))
      .on("pending", (test) => add(test, "skipped"))
      // Also a failing hook, which has a title of its own.
      .on("fail", (test: Mocha.Runnable, error: Error) => add(test, "failed", error));
  });
}
