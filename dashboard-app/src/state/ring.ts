/** The last so many of what arrives without an end. Immutable, so that views see that it has changed. */

/** The newest last. */
export function appended<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return list.length < max ? [...list, item] : [...list.slice(list.length - max + 1), item]
}

/** The newest first. */
export function prepended<T>(list: readonly T[], item: T, max: number): readonly T[] {
  return [item, ...list.slice(0, max - 1)]
}
