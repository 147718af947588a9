import type { Random } from "../random";

/** Where random characters come from; most texts take a few of these, so that what interacts meets. */
const RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0x20, 0x20],
  [0x09, 0x0d],
  [0x00, 0x1f],
  [0x7f, 0xff],
  [0x100, 0x24f],
  [0x250, 0x36f],
  [0x300, 0x345],
  [0x370, 0x5ff],
  [0x600, 0x8ff],
  [0x900, 0xdff],
  [0xe00, 0x10ff],
  [0x1100, 0x11ff],
  [0x1200, 0x1dff],
  [0x1e00, 0x1fff],
  [0x2000, 0x206f],
  [0x2070, 0x2bff],
  [0x2581, 0x2581],
  [0x2c00, 0x2fff],
  [0x3000, 0x33ff],
  [0x4e00, 0x9fff],
  [0xa000, 0xabff],
  [0xac00, 0xd7ff],
  [0xe000, 0xf8ff],
  [0xf900, 0xffff],
  [0x10000, 0x11fff],
  [0x16000, 0x1bfff],
  [0x1d000, 0x1dfff],
  [0x1e000, 0x1efff],
  [0x1f000, 0x1faff],
  [0x20000, 0x2ffff],
  [0x2f800, 0x2fa1f],
  [0xe0000, 0xe01ef],
  [0x0, 0x10ffff],
];

/** Random well-formed text of at most `length` characters over all of Unicode. */
export function randomText(random: Random, length: number): string {
  const ranges = Array.from({ length: 1 + random.int(4) }, () => random.pick(RANGES));
  let text = "";
  for (let left = random.int(length + 1); left > 0; left--) {
    const [first, last] = random.pick(ranges);
    const code = first + random.int(last - first + 1);
    if (code < 0xd800 || code > 0xdfff) text += String.fromCodePoint(code).repeat(random.int(12) === 0 ? 1 + random.int(4) : 1);
  }
  return text;
}
