/** What a promise rejects with; the cases of `cacheSuite` look at its fields. */

import assert from 'node:assert/strict'

export async function rejection(
  work: Promise<unknown>,
): Promise<Error & { field?: string; code?: string }> {
  return await work.then(
    () => assert.fail('it was expected to reject'),
    (error: unknown) => error as Error,
  )
}
