import type { Allocate } from "../compiled";
import { automatonOf, setsOf } from "./automaton";
import { type CodePointClasses, classesOf } from "./classes";
import { type Pattern, takesNothing } from "./pattern";
import { programOf } from "./program";

/** An expression as a scanner needs it. */
export interface SplitTables {
  /** Numbers a state has in `transitions`. */
  readonly stride: number;
  /** The class of each UTF-16 unit; {@link PAIR} for the first of a pair, that of the end of the text for {@link END_UNIT}. */
  readonly units: Uint8Array;
  /** Characters above U+FFFF in blocks of 256: which block of `astral` has their classes. */
  readonly blocks: Uint16Array;
  readonly astral: Uint8Array;
  /** As in `Automaton`. */
  readonly transitions: Uint16Array;
}

/** The class of the first unit of a surrogate pair, which has none of its own. */
export const PAIR = 255;

/** Stands behind a text as its end: a well-formed text has none that comes first. */
export const END_UNIT = 0xdc00;

const BLOCK = 256;
const BLOCKS = 0x100000 / BLOCK;

/** The tables of an expression; undefined where it is too large, or may find nothing but a place between characters. */
export function compileSplit(pattern: Pattern, allocate: Allocate): SplitTables | undefined {
  const program = takesNothing(pattern) ? undefined : programOf(pattern);
  if (program === undefined) return undefined;
  const classes = classesOf(setsOf(program));
  const automaton = classes.count < PAIR - 1 ? automatonOf(program, classes) : undefined;
  if (automaton === undefined) return undefined;
  const { stride } = automaton;
  const units = new Uint8Array(allocate(0x10000), 0, 0x10000);
  eachStretch(classes, 0, 0x10000, (from, to, one) => units.fill(one, from, to));
  units.fill(PAIR, 0xd800, 0xdc00);
  units[END_UNIT] = classes.count;
  const transitions = new Uint16Array(allocate(2 * automaton.transitions.length), 0, automaton.transitions.length);
  transitions.set(automaton.transitions);
  return { stride, units, transitions, ...astralTables(classes, allocate) };
}

function eachStretch({ starts, classes }: CodePointClasses, from: number, to: number, take: (from: number, to: number, one: number) => void): void {
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] as number;
    const end = starts[i + 1] ?? 0x110000;
    if (end > from && start < to) take(Math.max(start, from), Math.min(end, to), classes[i] ?? 0);
  }
}

/** Most blocks are of one class, and share a block with the others of that class. */
function astralTables(classes: CodePointClasses, allocate: Allocate): Pick<SplitTables, "blocks" | "astral"> {
  const whole = new Uint8Array(BLOCKS * BLOCK);
  const mixed = new Set(classes.starts.filter((start) => start % BLOCK !== 0).map((start) => Math.floor((start - 0x10000) / BLOCK)));
  eachStretch(classes, 0x10000, 0x110000, (from, to, one) => whole.fill(one, from - 0x10000, to - 0x10000));
  const blocks = new Uint16Array(allocate(2 * BLOCKS), 0, BLOCKS);
  const uniform = new Map<number, number>();
  const kept: Uint8Array[] = [];
  for (let i = 0; i < BLOCKS; i++) {
    const block = whole.subarray(i * BLOCK, (i + 1) * BLOCK);
    const one = block[0] as number;
    const place = mixed.has(i) ? undefined : uniform.get(one);
    blocks[i] = place ?? kept.push(block) - 1;
    if (!mixed.has(i)) uniform.set(one, blocks[i] as number);
  }
  const astral = new Uint8Array(allocate(kept.length * BLOCK), 0, kept.length * BLOCK);
  for (const [i, block] of kept.entries()) astral.set(block, i * BLOCK);
  return { blocks, astral };
}
