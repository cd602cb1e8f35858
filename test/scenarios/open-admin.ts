/** An admin API over a real cache, with tokens for both roles, asked without a port. */

import { onTestFinished } from 'vitest'
import type { Admin, AdminOptions } from '../../src/admin/index.ts'
import { createAdmin } from '../../src/admin/index.ts'
import { type Cache, type Collection, createCache } from '../../src/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

export const READ = 'read-token-of-this-test'
export const WRITE = 'write-token-of-this-test'
export const HOST = '127.0.0.1:3000'
export const API = '/tiercel/api/v1/'

export interface Asked {
  readonly method?: string
  readonly token?: string | undefined
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly remoteAddress?: string
}

export interface OpenAdmin {
  readonly admin: Admin
  readonly cache: Cache
  readonly products: Collection<number, { readonly name: string }>
  /** Rows of the source. */
  readonly rows: Map<number, { readonly name: string }>
  /** What the source refuses from now on. */
  readonly refused: Set<number>
  /** `path`: below the API, or from the root. */
  ask(path: string, asked?: Asked): Promise<Response>
  /** The same as whoever may write; what it answers. */
  json<T = never>(path: string, asked?: Asked): Promise<T>
}

export type OpenOptions = Omit<AdminOptions, 'cache'>

/** The collection `product` writes behind, warms at its start, and has entries 1 to 3. */
export async function openAdmin(options: OpenOptions = {}): Promise<OpenAdmin> {
  const rows = new Map([1, 2, 3].map((id) => [id, { name: `Lamp ${id}` }]))
  const refused = new Set<number>()
  const cache = createCache({
    name: 'shop',
    shared: memoryTier(),
    instance: 'shop-1',
    idle: { after: '30d' },
    logger: { warn: () => {}, error: () => {} },
  })
  const products = cache.collection<number, { readonly name: string }>('product', {
    store: {
      fencing: 'versioned',
      load: (id) => rows.get(id),
      apply: async (writes) =>
        writes.map((write) => {
          if (refused.has(write.key)) {
            const error = new Error(`no ${write.key}`)
            return { kind: 'failed' as const, error, retry: 'permanent' as const }
          }
          if (write.kind !== 'remove') rows.set(write.key, write.value)
          return { kind: 'applied' as const }
        }),
    },
    write: { put: 'behind' },
    behind: { delay: 1 },
    tagsOf: (_, id) => [`lamp:${id % 2}`],
    warm: { start: { from: () => [] } },
  })
  await cache.ready()
  await products.getMany([1, 2, 3])
  await cache.set('greeting', 'hello', { tags: ['text'] })
  const tokens = options.token === undefined ? { tokens: { read: READ, write: WRITE } } : {}
  const admin = createAdmin({ cache, requestsPerSecond: 100_000, ...tokens, ...options })
  onTestFinished(async () => {
    admin.close()
    await cache.close()
  })
  const ask = (path: string, asked: Asked = {}): Promise<Response> => {
    const { remoteAddress = '127.0.0.1' } = asked
    return admin.fetch(requestOf(path, asked), { remoteAddress })
  }
  return {
    admin,
    cache,
    products,
    rows,
    refused,
    ask,
    json: async <T>(path: string, asked: Asked = {}): Promise<T> => {
      const response = await ask(path, { token: WRITE, ...asked })
      return (await response.json()) as T
    },
  }
}

export function requestOf(path: string, { method, token, body, headers = {} }: Asked): Request {
  return new Request(`http://${HOST}${path.startsWith('/') ? path : API + path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      host: HOST,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
}
