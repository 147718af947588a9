const SMALLEST_TABLE = 8;
const LINEAR_PROBES = 9;
const PERTURB_SHIFT = 5;
const LARGE_SET = 50_000;

/**
 * The order in which CPython 3.7 and later lists a set to which these whole numbers (not negative) were added one by one:
 * Unsloth's messages print `list(set(ids))`. The hash of a number is itself; the table and its probing are those of
 * Objects/setobject.c.
 */
export function pythonSetOrder(numbers: Iterable<number>): number[] {
  let table: (number | undefined)[] = new Array<undefined>(SMALLEST_TABLE).fill(undefined);
  let used = 0;
  for (const value of numbers) {
    const slot = slotOf(table, value);
    if (table[slot] === value) continue;
    table[slot] = value;
    used++;
    if (used * 5 >= (table.length - 1) * 3) table = resized(table, used > LARGE_SET ? used * 2 : used * 4);
  }
  return table.filter((value) => value !== undefined);
}

/** Where `value` is, or is to be put. */
function slotOf(table: readonly (number | undefined)[], value: number): number {
  const mask = table.length - 1;
  let perturb = value;
  let slot = value & mask;
  for (;;) {
    const probes = slot + LINEAR_PROBES <= mask ? LINEAR_PROBES : 0;
    for (let probe = slot; probe <= slot + probes; probe++) {
      if (table[probe] === undefined || table[probe] === value) return probe;
    }
    perturb = Math.floor(perturb / 2 ** PERTURB_SHIFT);
    slot = (slot * 5 + 1 + perturb) & mask;
  }
}

function resized(table: readonly (number | undefined)[], least: number): (number | undefined)[] {
  let size = SMALLEST_TABLE;
  while (size <= least) size *= 2;
  const larger: (number | undefined)[] = new Array<undefined>(size).fill(undefined);
  for (const value of table) if (value !== undefined) larger[slotOf(larger, value)] = value;
  return larger;
}

/** `repr` of a list of numbers: `[1, 2]`. */
export function pythonList(numbers: readonly number[]): string {
  return `[${numbers.join(", ")}]`;
}
