/** What may be a value of the cache. */

import { ArgumentError } from '../contracts/errors.ts'

/** `undefined` means "absent" everywhere; functions and symbols are not data. */
export function checkValue(value: unknown): void {
  const isData = value !== undefined && typeof value !== 'function' && typeof value !== 'symbol'
  if (!isData || isPromise(value)) {
    throw new ArgumentError({
      field: 'value',
      expected: 'a value that can be stored',
      actual: value,
      ...cure(value),
    })
  }
}

/** A forgotten `await`: the promise would be kept in its place, and become an empty object as bytes. */
function isPromise(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null)?.then === 'function'
}

function cure(value: unknown): { readonly cure?: string } {
  if (value === undefined) return { cure: 'Use `delete` to remove, or `null`, which is a value.' }
  return isPromise(value) ? { cure: 'It is a promise: await it first.' } : {}
}
