/**
 * A shop's cache with all that the dashboard shows, served by the real admin API over a real socket. Used by
 * the tests of this folder.
 */

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Admin, adminListener, createAdmin } from '../../src/admin/index.ts'
import type { Cache } from '../../src/contracts/cache.ts'
import type { Collection } from '../../src/contracts/collection.ts'
import type { Duration, MemoryOptions } from '../../src/contracts/options.ts'
import type { SharedTier } from '../../src/contracts/shared-tier.ts'
import type { Store, StoreOutcome } from '../../src/contracts/source.ts'
import { createCache } from '../../src/create-cache.ts'
import { dashboardAssets } from '../../src/dashboard/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

const silent = { level: 'silent', warn: () => {}, error: () => {} } as const

export interface Product {
  readonly id: number | string
  readonly name: string
}

export interface Scene extends AsyncDisposable {
  readonly cache: Cache
  readonly products: Collection<string, Product>
  readonly admin: Admin
  /** The dashboard's, with a slash at its end. */
  readonly address: string
  readonly token: string
  /** What the store answers to a write of a key; `undefined`: it takes it. */
  refuses: (key: string) => string | undefined
  /** Ends the server, and nothing else. */
  stopServing(): Promise<void>
  /** Serves again at the same address. */
  serveAgain(): Promise<void>
}

export interface SceneOptions {
  readonly shared?: SharedTier
  readonly name?: string
  readonly instance?: string
  readonly values?: 'hidden' | 'shown'
  readonly memory?: MemoryOptions
  readonly memoryTtl?: Duration
}

/** Ready when its server listens on a free port. */
export async function openScene(options: SceneOptions = {}): Promise<Scene> {
  const token = 'a-token-that-tests-log-in-with'
  const scene = { refuses: (_: string): string | undefined => undefined }
  const cache = createCache({
    name: options.name ?? 'shop',
    instance: options.instance ?? 'shop-1',
    shared: options.shared ?? memoryTier({ shards: 3 }),
    defaults: { ttl: '5m', grace: '10m', memoryTtl: options.memoryTtl ?? '1m' },
    logger: silent,
    ...(options.memory !== undefined && { memory: options.memory }),
    metrics: { shareEvery: 1_000 },
  })
  const products = cache.collection<string, Product>('product', {
    store: storeOf((key) => scene.refuses(key)),
    write: { put: 'behind', remove: 'behind' },
    behind: { delay: 50 },
    tagsOf: ({ name }) => [`name:${name}`, 'catalogue'],
    workload: 'read-heavy',
    warm: { start: { from: async () => ['1', '2', '3'] }, predict: 'on' },
  })
  cache.collection<number, string>('stock', {
    source: { load: (id) => `${id} pieces` },
    ttl: '2m',
    workload: 'write-heavy',
  })
  const values = options.values ?? 'hidden'
  const admin = createAdmin({ cache, token, values, dashboard: dashboardAssets() })
  let server = createServer(adminListener(admin))
  const port = await listen(server, 0)

  return {
    cache,
    products,
    admin,
    token,
    address: `http://127.0.0.1:${port}/tiercel/`,
    get refuses() {
      return scene.refuses
    },
    set refuses(next) {
      scene.refuses = next
    },
    stopServing: () => stop(server),
    async serveAgain() {
      server = createServer(adminListener(admin))
      await listen(server, port)
    },
    async [Symbol.asyncDispose]() {
      admin.close()
      await stop(server)
      await cache.close()
    },
  }
}

/** Rows that are there without having been written: whatever is asked for. */
function storeOf(refuses: (key: string) => string | undefined): Store<string, Product> {
  return {
    fencing: 'unfenced',
    loadMany: async (keys) => new Map(keys.map((id) => [id, { id, name: `Lamp ${id}` }])),
    apply: async (writes) =>
      writes.map(({ key }): StoreOutcome => {
        const reason = refuses(key)
        if (reason === undefined) return { kind: 'applied' }
        return { kind: 'failed', error: new Error(reason), retry: 'permanent' }
      }),
  }
}

function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function stop(server: ReturnType<typeof createServer>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // A live stream never ends by itself.
    server.closeAllConnections()
  })
}
