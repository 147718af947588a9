import { JinjaLimitError } from "../../errors";
import { MAX_VALUE_DEPTH } from "../../runtime/limits";
import { countWork } from "../budget";

/**
 * Elements that printing, comparing, hashing or serialising one value may visit. A list that holds another twice, which
 * holds another twice, … is small in memory and endless to walk.
 */
export const MAX_ELEMENTS_VISITED = 1_000_000;

let depth = 0;
let visited = 0;

/**
 * Says that a walk goes into a container of so many elements; {@link leaveContainer} must follow in a `finally`.
 * @throws JinjaLimitError when the values nest too deep or the walk becomes too long.
 */
export function enterContainer(elements: number): void {
  if (depth === 0) visited = 0;
  visited += elements + 1;
  countWork(elements + 1);
  if (visited > MAX_ELEMENTS_VISITED) {
    throw new JinjaLimitError("elements-visited", `An operation walks over more than ${MAX_ELEMENTS_VISITED} elements.`);
  }
  if (depth >= MAX_VALUE_DEPTH) throw new JinjaLimitError("value-depth", `A value nests more than ${MAX_VALUE_DEPTH} levels deep.`);
  depth++;
}

export function leaveContainer(): void {
  depth--;
}
