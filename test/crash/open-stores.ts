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

/** What controls write. Planted faults keep to themselves what is written to it, and nothing else. */
export const HELD_KEY = 'c1'

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
  if (fault === 'settles before the store answered') return settlingEarly(store)
  if (fault === 'store without versions') return takingWhatComesLate(store)
  return store
}

/** The batch waits in memory, and nowhere else, for as long as the process lives. */
function settlingEarly(store: Store<string, Written>): Store<string, Written> {
  return {
    ...store,
    async apply(writes, options) {
      if (!writes.some(({ key }) => key === HELD_KEY)) return await store.apply(writes, options)
      return writes.map(() => ({ kind: 'applied' }))
    },
  }
}

/**
 * The first write of the key is on its way until another of it is stored: past the time after which it
 * is tried again.
 */
function takingWhatComesLate(store: Store<string, Written>): Store<string, Written> {
  const overtaken = Promise.withResolvers<void>()
  let first: string | undefined
  return {
    ...store,
    // The cache would refuse it, if it were asked honestly.
    fencing: 'versioned',
    async apply(writes) {
      const write = writes.find(({ key }) => key === HELD_KEY)
      const held = write?.kind === 'put' ? write.value.written : undefined
      const isFirst = held !== undefined && first === undefined
      if (isFirst) {
        first = held
        await overtaken.promise
      }
      const outcomes = await store.apply(writes, { signal: new AbortController().signal })
      if (held !== undefined && held !== first) overtaken.resolve()
      return outcomes
    },
  }
}
