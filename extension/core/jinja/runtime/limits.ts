/**
 * Bounds of a render. Python's sandbox has only the one on ranges; the others keep a hostile template from holding up an
 * editor. They are far above what real templates use: the most demanding of several hundred takes about 50,000 steps.
 */
export const MAX_STEPS = 20_000_000;

/** Jinja's own bound (jinja2.sandbox.MAX_RANGE). */
export const MAX_RANGE = 100_000;

/** Nested calls of macros, recursive loops and filters. CPython's recursion limit of 1,000 frames allows about 300 of ours. */
export const MAX_DEPTH = 200;

/** How deep values may nest to be printed, compared or serialised. */
export const MAX_VALUE_DEPTH = 500;

/** Bits of the largest integer that `**` and `*` may make; Python prints integers of up to 4,300 digits. */
export const MAX_INTEGER_BITS = 64 * 1024;

/** Elements of the largest list that an operation may make. */
export const MAX_LIST_LENGTH = 5_000_000;
