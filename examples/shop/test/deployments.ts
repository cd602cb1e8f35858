/** The ways to deploy the shop that services are tried on: what it stands on, and how many instances. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect } from 'vitest'
import { startPostgres } from '../../../test/servers/start-postgres.ts'
import { startRedis } from '../../../test/servers/start-redis.ts'
import { type OpenOptions, type OpenShop, openShopAt } from './open-shop.ts'

/** How long a copy in one instance may lag behind a change that another one has acknowledged. */
const SEEN_WITHIN_MS = 1_000

/** Eight instances in one process: what one of them waits for may be another one's work. */
const PATIENT = { options: { sharedTimeout: '5s' } } as const

export const DEPLOYMENTS = [
  'SQLite, one instance',
  'SQLite, three instances',
  'Redis and PostgreSQL, one instance',
  'Redis and PostgreSQL, three instances',
] as const

export interface Deployment {
  /** Where most tests write. */
  readonly first: OpenShop
  /** With one instance, the first again. */
  readonly last: OpenShop
  readonly all: readonly OpenShop[]
  /** Each of them has the answer in memory from then on. */
  warm(url: string): Promise<void>
  /** `data` of what each of them answers. */
  read(url: string): Promise<readonly unknown[]>
  /** `data` of what is answered satisfies `check` within a second, on each of them. */
  seen(url: string, check: (data: never) => void): Promise<void>
}

export interface OpenedDeployments extends AsyncDisposable {
  on(name: (typeof DEPLOYMENTS)[number]): Deployment
}

/** All of them at once, for a whole file of tests: their starts are most of what such a file takes. */
export async function openDeployments(): Promise<OpenedDeployments> {
  await using opened = new AsyncDisposableStack()
  const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
  opened.use(redis)
  opened.use(postgres)
  const database = new URL(postgres.url)
  database.pathname = '/three'
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query('CREATE DATABASE three')
  await client.end()
  const open = async (count: number, options: OpenOptions): Promise<Deployment> => {
    const dataDir = await mkdtemp(join(tmpdir(), 'tiercel-shop-'))
    opened.defer(() => rm(dataDir, { recursive: true, force: true }))
    const all: OpenShop[] = []
    for (let n = 1; n <= count; n += 1) {
      const shop = await openShopAt(dataDir, { ...options, instance: `shop-${n}`, stage: PATIENT })
      opened.defer(() => shop.close())
      all.push(shop)
    }
    return deploymentOf(all)
  }
  const deployments = await Promise.all([
    open(1, {}),
    open(3, {}),
    open(1, { redisUrl: `${redis.url}/1`, databaseUrl: postgres.url }),
    open(3, { redisUrl: `${redis.url}/3`, databaseUrl: database.href }),
  ])
  const ending = opened.move()
  return {
    on(name) {
      const deployment = deployments[DEPLOYMENTS.indexOf(name)]
      if (deployment === undefined) throw new Error(`There is no deployment on ${name}.`)
      return deployment
    },
    [Symbol.asyncDispose]: () => ending.disposeAsync(),
  }
}

function deploymentOf(all: readonly OpenShop[]): Deployment {
  const [first] = all
  const last = all.at(-1)
  if (first === undefined || last === undefined) throw new Error('There is no instance.')
  return {
    first,
    last,
    all,
    async warm(url) {
      for (const shop of all) {
        const tier = async () => (await shop.get(url)).tier
        await expect.poll(tier, { timeout: 5_000, interval: 5 }).toBe('memory')
      }
    },
    read: (url) => Promise.all(all.map((shop) => dataAt(shop, url))),
    async seen(url, check) {
      const look = async (shop: OpenShop): Promise<void> =>
        check((await dataAt(shop, url)) as never)
      await Promise.all(
        all.map((shop) =>
          expect
            .poll(() => look(shop).then(() => 'seen', String), {
              timeout: SEEN_WITHIN_MS,
              interval: 10,
            })
            .toBe('seen'),
        ),
      )
    },
  }
}

async function dataAt(shop: OpenShop, url: string): Promise<unknown> {
  return ((await shop.get(url)).json() as { readonly data: unknown }).data
}
