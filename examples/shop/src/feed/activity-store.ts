import type { Store, StoreOutcome, StoreWrite } from 'tiercel'
import type { Source } from '../database/source.ts'
import type { Activity } from './activity.ts'
import { INTO_FEEDS_OF_FOLLOWERS, INTO_OWN_FEED } from './fan-out.ts'

/**
 * Activities as a store that fans out: a new one stands, in the same transaction, in the feeds of its
 * author and of everybody who follows them.
 */
export function activityStore(source: Source): Store<number, Activity> {
  return {
    ...source.table<number, Activity>({ table: 'activities', key: 'id' }),
    apply: (writes) => Promise.all(writes.map((write) => applied(source, write))),
  }
}

async function applied(source: Source, write: StoreWrite<number, Activity>): Promise<StoreOutcome> {
  if (write.kind !== 'create') return { kind: 'conflict', reason: 'activities are only made' }
  const { id, userId, text, likes, createdAt } = write.value
  await source.transaction([
    {
      sql: `INSERT INTO activities (id, "userId", text, likes, "createdAt")
        VALUES ($1, $2, $3, $4, $5)`,
      params: [id, userId, text, likes, createdAt],
    },
    { sql: `${INTO_FEEDS_OF_FOLLOWERS} WHERE activities.id = $1`, params: [id] },
    { sql: `${INTO_OWN_FEED} WHERE id = $1`, params: [id] },
  ])
  return { kind: 'applied' }
}
