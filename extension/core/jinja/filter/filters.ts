import type { Filter } from "../runtime/runtime";
import { BASIC_FILTERS } from "./builtin/basic";
import { HTML_FILTERS } from "./builtin/html";
import { NUMBER_FILTERS } from "./builtin/number";
import { ORDER_FILTERS } from "./builtin/order";
import { pprint } from "./builtin/pprint";
import { SELECT_FILTERS } from "./builtin/select";
import { SEQUENCE_FILTERS } from "./builtin/sequence";
import { TEXT_FILTERS } from "./builtin/text";

/** The filters of Jinja2 3.1.6 by name, with the `tojson` of transformers. Messages name Jinja's own Python functions. */
export const FILTERS: ReadonlyMap<string, Filter> = new Map(
  Object.entries({
    ...BASIC_FILTERS,
    ...HTML_FILTERS,
    ...NUMBER_FILTERS,
    ...ORDER_FILTERS,
    ...SELECT_FILTERS,
    ...SEQUENCE_FILTERS,
    ...TEXT_FILTERS,
    pprint,
  }),
);
