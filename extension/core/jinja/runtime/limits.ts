/**
 * Steps of a render: each is about what 30 nanoseconds do, such as a part of an expression or an element of a loop. Python has
 * no such bound; it keeps a hostile template from holding up an editor for more than about half a second.
 */
export const MAX_STEPS = 9_000_000;

/** What a unit of work on values counts: about a tenth of a microsecond, such as a quarter of a kilobyte that is searched. */
export const STEPS_PER_WORK = 4;

/**
 * Steps more for every message. The most demanding real templates look through all messages for each of them: 2,000 messages
 * take them 16 million steps.
 */
export const STEPS_PER_MESSAGE = 12_000;

/** Steps more for every character of the messages: some real templates walk over a text that stands for a list of parts, with 4 to 7 steps a character. */
export const STEPS_PER_CHARACTER = 28;

/** Steps of a render, however large its conversation is: some seconds. */
export const MAX_CONVERSATION_STEPS = 150_000_000;

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
