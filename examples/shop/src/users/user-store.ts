import type { Store, StoreOutcome, StoreWrite } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { User } from './people.ts'

/**
 * Users as a store. A change writes what a client may say about a user, and leaves the rest: a login that
 * happens in the same moment is not undone by it.
 */
export function userStore(source: Source): Store<number, User> {
  const table = source.table<number, User>({ table: 'users', key: 'id' })
  return {
    ...table,
    apply: async (writes, options) => {
      const outcomes = writes.map(async (write) => {
        if (write.kind === 'put') return await change(source, write)
        const [outcome] = await table.apply([write], options)
        return (
          outcome ?? {
            kind: 'failed' as const,
            error: new Error('No answer.'),
            retry: 'transient' as const,
          }
        )
      })
      return await Promise.all(outcomes)
    },
  }
}

async function change(
  source: Source,
  { key, value }: Extract<StoreWrite<number, User>, { kind: 'put' }>,
): Promise<StoreOutcome> {
  const rows = await source.all(
    'UPDATE users SET name = $1, "countryCode" = $2 WHERE id = $3 RETURNING id',
    [value.name, value.countryCode, key],
  )
  if (rows.length === 0) return { kind: 'conflict', reason: 'there is no such user' }
  return { kind: 'applied' }
}
