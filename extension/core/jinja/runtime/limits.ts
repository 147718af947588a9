/**
 * Steps of a render: statements, elements of loops, calls, and elements that operators walk over. Python has no such bound;
 * it keeps a hostile template from holding up an editor for more than about half a second. The most demanding of 245 real
 * templates takes fewer than 80 steps a message, so this is room for tens of thousands of messages in one row.
 */
export const MAX_STEPS = 2_500_000;

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
