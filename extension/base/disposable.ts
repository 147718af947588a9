/** Something with a lifetime. Disposing twice is allowed and does nothing. */
export interface Disposable {
  dispose(): void;
}

/** A disposable that runs `action` once. */
export function toDisposable(action: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      action();
    },
  };
}

/**
 * Owns disposables and ends them in the reverse order of their registration. Registering on a disposed store disposes at
 * once, so that late results of asynchronous work cannot leak. All are disposed even when some throw; the first error is
 * rethrown.
 */
export class DisposableStore implements Disposable {
  #items: Disposable[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Takes ownership of `item` and returns it. */
  add<T extends Disposable>(item: T): T {
    if (this.#disposed) item.dispose();
    else this.#items.push(item);
    return item;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    let failed = false;
    let firstError: unknown;
    for (const item of this.#items.reverse()) {
      try {
        item.dispose();
      } catch (error) {
        if (!failed) firstError = error;
        failed = true;
      }
    }
    this.#items = [];
    if (failed) throw firstError;
  }
}
