/** The stores of a worker: each call is told when it begins and ends; whole or with a fault planted. */

import type { Store } from '../../src/index.ts'
import { postgresTable } from '../../src/sql/index.ts'
import { openSqlite, sqliteTable } from '../../src/sqlite/index.ts'
import { postgresDrivers } from '../servers/postgres-drivers.ts'
import {
  type CollectionName,
  type Planted,
  type Tell,
  VERSIONS,
  type WorkerPlan,
  type Written,
} from './messages.ts'

export interface OpenStores {
  storeOf(name: CollectionName): Store<string, Written>
  end(): Promise<void>
}

/** How long a planted fault keeps a batch to itself after it was confirmed. */
const HELD_MS = 5000
/** The first write of this key stays on its way, past the time after which it is tried again. */
export const HELD_KEY = 'c1'
/** Longer than `storeTimeout` of the worker and what follows it take. */
const LATE_MS = 6000

export function openStores(plan: WorkerPlan, tell: Tell): OpenStores {
  const { storeOf, end } = bareStores(plan)
  let calls = 0
  return {
    storeOf(name) {
      const store = planted(storeOf(name), plan.planted)
      return {
        ...store,
        async apply(writes, options) {
          calls += 1
          const call = calls
          tell('begin', call, writes.length)
          try {
            return await store.apply(writes, options)
          } finally {
            tell('end', call)
          }
        },
      }
    },
    end,
  }
}

function bareStores({ database, client, planted }: WorkerPlan): OpenStores {
  const columns = { key: 'id', columns: ['written'] }
  const versions = planted === 'store without versions' ? {} : { versions: VERSIONS }
  if (database.kind === 'sqlite') {
    const file = openSqlite(database.path, { busyTimeoutMs: 4000 })
    return {
      storeOf: (table) => sqliteTable(file, { table, ...columns, ...versions }),
      end: async () => await file.close(),
    }
  }
  const driver = postgresDrivers[client % postgresDrivers.length]
  if (driver === undefined) throw new Error('There is no driver of PostgreSQL.')
  const opened = driver.open(database.url)
  return {
    storeOf: (table) => postgresTable(opened.client, { table, ...columns, ...versions }),
    end: () => opened.end(),
  }
}

function planted(store: Store<string, Written>, fault: Planted): Store<string, Written> {
  if (fault === 'settles before the store answered') {
    return {
      ...store,
      async apply(writes) {
        setTimeout(() => void confirmed(store, writes), HELD_MS)
        return writes.map(() => ({ kind: 'applied' }))
      },
    }
  }
  if (fault !== 'store without versions') return store
  let held = false
  return {
    ...store,
    // The cache would refuse it, if it were asked honestly.
    fencing: 'versioned',
    async apply(writes) {
      if (!held && writes.some(({ key }) => key === HELD_KEY)) {
        held = true
        await new Promise((resolve) => setTimeout(resolve, LATE_MS))
      }
      return await store.apply(writes, { signal: new AbortController().signal })
    },
  }
}

async function confirmed(
  store: Store<string, Written>,
  writes: Parameters<Store<string, Written>['apply']>[0],
): Promise<void> {
  await store.apply(writes, { signal: new AbortController().signal })
}
