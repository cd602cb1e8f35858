/**
 * Freezes a value with all it holds, for `copy: 'freeze'`.
 *
 * What the language cannot freeze stays as it is: the elements of typed arrays and buffers, the
 * members of a `Map` or a `Set` (their values are frozen, the collection still takes `set` and
 * `add`), a `Date`'s time, private fields.
 */

/**
 * Answers `value` itself. `frozen` remembers what went through here before, so that handing the same
 * object out again costs one lookup.
 */
export function deepFreeze(value: unknown, frozen: WeakSet<object>): unknown {
  const waiting: unknown[] = [value]
  // A list of its own instead of recursion: values nest deeper than the stack allows.
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (!isFreezable(next) || frozen.has(next)) continue
    frozen.add(next)
    // An object frozen by its maker may still hold some that are not, so its members follow too.
    Object.freeze(next)
    for (const member of membersOf(next)) if (isFreezable(member)) waiting.push(member)
  }
  return value
}

function isFreezable(value: unknown): value is object {
  if (typeof value === 'function') return true
  // Freezing a view that has elements throws.
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
}

function* membersOf(value: object): Generator<unknown> {
  // Descriptors rather than reads: a getter must not run because its object is kept.
  for (const name of Reflect.ownKeys(value)) {
    yield Object.getOwnPropertyDescriptor(value, name)?.value
  }
  if (value instanceof Map) {
    yield* value.keys()
    yield* value.values()
  }
  if (value instanceof Set) yield* value
}
