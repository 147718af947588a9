// Prints which renders of the fixtures differ from the reference, those of one kind together.
// npx esbuild test/support/jinja/summary.ts --bundle --platform=node --format=esm --packages=external --outfile=out/summary.mjs
// node out/summary.mjs [suite …]

import { type Failure, judge, summarise } from "./case";
import { Golden } from "./golden";
import { maskFailures } from "./masks";
import { peerCases } from "./peers";

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const golden = new Golden();
const counts = new Map<string, { passed: number; total: number }>();
const failures: Failure[] = [];
for (const test of [...peerCases(), ...golden.cases()]) {
  if (wanted.length > 0 && !wanted.includes(test.suite)) continue;
  const failure = judge(test);
  const count = counts.get(test.suite) ?? { passed: 0, total: 0 };
  counts.set(test.suite, { passed: count.passed + (failure === undefined ? 1 : 0), total: count.total + 1 });
  if (failure !== undefined) failures.push(failure);
}
console.log(summarise(failures));
for (const [suite, { passed, total }] of counts) console.log(`${suite}: ${passed} of ${total}`);
if (wanted.length === 0 || wanted.includes("masks")) {
  const wrong = maskFailures(golden);
  console.log(`masks: ${golden.masks.length - wrong.length} of ${golden.masks.length}\n${wrong.slice(0, 20).join("\n")}`);
}
