/** An object of which a call can be kept on its way: for steps that arrive after their successors. */

export interface SlowSteps<T> {
  readonly contract: T
  /** The next call is kept on its way; those after it pass it. */
  holdNext(): void
  /** What was kept arrives. */
  letGo(): void
}

/** For functions of `contract` that answer with a promise, beside which it has values only. */
export function slowSteps<T extends object>(contract: T): SlowSteps<T> {
  let holding = false
  let kept: (() => void)[] = []
  const slow = new Proxy(contract, {
    get(target, property) {
      const member: unknown = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      return (...input: unknown[]): unknown => {
        if (!holding) return member.apply(target, input)
        holding = false
        return new Promise((resolve) => {
          kept.push(() => resolve(member.apply(target, input)))
        })
      }
    },
  })
  return {
    contract: slow,
    holdNext() {
      holding = true
    },
    letGo() {
      const calls = kept
      kept = []
      for (const call of calls) call()
    },
  }
}
