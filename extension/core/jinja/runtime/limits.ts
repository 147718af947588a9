/**
 * Steps of a render: each is about what a tenth of a microsecond does, such as two parts of an expression, an element of a
 * loop, or a quarter of a kilobyte that is searched. Python has no such bound; it keeps a hostile template from holding up an
 * editor for more than about half a second.
 */
export const MAX_STEPS = 3_000_000;

/**
 * Steps more for every message. The most demanding real templates look through all messages for each of them: 2,000 messages
 * with 5 MB of text take them 7 million steps.
 */
export const STEPS_PER_MESSAGE = 3_000;

/** Jinja's own bound (jinja2.sandbox.MAX_RANGE). */
export const MAX_RANGE = 100_000;

/** Nested calls of macros, recursive loops and filters. CPython's recursion limit of 1,000 frames allows about 300 of ours. */
export const MAX_DEPTH = 200;

/** How deep values may nest to be printed, compared or serialised. */
export const MAX_VALUE_DEPTH = 500;

/** Bits of the largest integer that `**` and `*` may make; Python prints integers of up to 4,300 digits. */
export const MAX_INTEGER_BITS = 64 * 1024;

/** Elements of the largest list that an operation may make. */
export const MAX_LIST_LENGTH = 1_000_000;
