import type { CallArguments, Value } from "../value/types";

/** What filters, tests and globals may ask of the interpreter. */
export interface Runtime {
  /**
   * Counts work, in units of about a tenth of a microsecond, so that no input makes a template run on and on.
   * @throws JinjaLimitError when the render has used up its steps.
   */
  charge(work: number): void;
  /** Calls a callable value. @throws JinjaError TypeError when it is none. */
  call(callee: Value, args: CallArguments): Value;
  /** `environment.getattr(target, name)`: the attribute, else the item, else Undefined; sandboxed. */
  getAttribute(target: Value, name: string): Value;
  /** `environment.getitem(target, key)`: the item, else the attribute when the key is a string, else Undefined; sandboxed. */
  getItem(target: Value, key: Value): Value;
  /** `environment.call_filter`. @throws JinjaError TemplateRuntimeError `No filter named 'x' found.` */
  applyFilter(name: string, value: Value, args: CallArguments): Value;
  /** `environment.call_test`. */
  applyTest(name: string, value: Value, args: CallArguments): boolean;
  hasFilter(name: string): boolean;
  hasTest(name: string): boolean;
  /** Whether the template is inside of an `{% autoescape %}` that is on. */
  readonly autoescape: boolean;
  /** Whether texts are traced; computed texts should then be made with deriveText. */
  readonly provenance: boolean;
  /** Milliseconds since the epoch that `strftime_now` takes as now. */
  readonly now: number;
}

/** A filter, as `value|name(args)`. */
export type Filter = (runtime: Runtime, value: Value, args: CallArguments) => Value;
/** A test, as `value is name(args)`. */
export type Test = (runtime: Runtime, value: Value, args: CallArguments) => boolean;
