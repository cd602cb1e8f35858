/**
 * `AsyncDisposableStack` for tests on Node 22, which does not have it: what of it our tests use. Loaded by
 * `vitest.config.ts` there alone.
 */

class EarlyDisposableStack implements AsyncDisposable {
  #disposals: (() => unknown)[] = []

  use<T extends AsyncDisposable | Disposable>(value: T): T {
    this.defer(() => {
      if (Symbol.asyncDispose in value) return value[Symbol.asyncDispose]()
      return value[Symbol.dispose]()
    })
    return value
  }

  adopt<T>(value: T, onDispose: (value: T) => unknown): T {
    this.defer(() => onDispose(value))
    return value
  }

  defer(onDispose: () => unknown): void {
    this.#disposals.push(onDispose)
  }

  move(): EarlyDisposableStack {
    const moved = new EarlyDisposableStack()
    moved.#disposals = this.#disposals
    this.#disposals = []
    return moved
  }

  /** The last first; all of them, also if one fails. */
  async disposeAsync(): Promise<void> {
    const errors: unknown[] = []
    for (const dispose of this.#disposals.splice(0).reverse()) {
      try {
        await dispose()
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync()
  }
}

Object.assign(globalThis, { AsyncDisposableStack: EarlyDisposableStack })
