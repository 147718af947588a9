import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import * as path from "node:path";
import test from "node:test";
import { openFile } from "../../../extension/node/files";
import { temporaryFolder } from "../../support/cleanup";
import { Random } from "../../support/random";

const random = new Random(4);
const bytes = Uint8Array.from({ length: 3_000_000 }, () => random.int(256));
const file = path.join(temporaryFolder("blocking"), "file");
writeFileSync(file, bytes);

test("what is read is what the file has, up to its end, whichever way it comes", async () => {
  const [blocking, other] = [await openFile(file, { blocking: true }), await openFile(file)];
  for (let round = 0; round < 200; round++) {
    const offset = random.int(bytes.length + 1000);
    const length = random.int(200_000);
    const targets = [blocking, other].map((access) => ({ access, target: new Uint8Array(length) }));
    const read = await Promise.all(targets.map(({ access, target }) => access.read(offset, target)));
    const expected = bytes.subarray(offset, offset + length);
    assert.deepEqual(read, [expected.length, expected.length]);
    for (const { target } of targets) assert.ok(Buffer.from(target.buffer, 0, expected.length).equals(expected));
  }
  await Promise.all([blocking.close(), other.close()]);
});

test("pieces that are gathered stand one behind the other, up to the first that the file does not have in full", async () => {
  const access = await openFile(file, { blocking: true });
  const offsets = Float64Array.of(2_000_000, 5, bytes.length - 100, bytes.length - 99, 7);
  const target = new Uint8Array(5 * 100);
  const gathered = access.gatherNow?.(offsets, 100, target) ?? 0;
  assert.equal(gathered, 3);
  for (const [i, offset] of offsets.subarray(0, gathered).entries()) assert.ok(Buffer.from(target.buffer, i * 100, 100).equals(bytes.subarray(offset, offset + 100)));
  await access.close();
});

test("others have their turn while a file is read over and over", async () => {
  const access = await openFile(file, { blocking: true });
  const target = new Uint8Array(500_000);
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  // 100 MB, and no more than eight of them without a turn.
  for (let i = 0; i < 200; i++) await access.read(0, target);
  clearInterval(timer);
  assert.ok(turns > 3, `${turns} turns`);
  await access.close();
});

test("a file that is closed is not read", async () => {
  const access = await openFile(file, { blocking: true });
  await access.close();
  await assert.rejects(access.read(0, new Uint8Array(10)));
});
