/** A small shop in this process, asked without a port. */

import type { Schedule } from 'tiercel'
import { expect, onTestFinished } from 'vitest'
import { until } from '../../../test/servers/until.ts'
import { buildShop } from '../src/build-shop.ts'
import type { Stage } from '../src/cache/open-cache.ts'
import type { StatusReport } from '../src/status/status-report.ts'
import { newFolder } from './new-folder.ts'

export interface Answer {
  readonly status: number
  readonly body: string
  readonly headers: Readonly<Record<string, unknown>>
  /** The whole body as JSON. */
  json(): never
  /** Who answered, by the metric `cache` of `Server-Timing`. */
  readonly tier: string | undefined
}

export interface OpenShop {
  readonly dataDir: string
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** `headers`: over those that a body brings. */
  send(
    method: 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: object | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Answer>
  /** Resolves when no change waits for the source any more. */
  drained(): Promise<void>
  /** As it is printed at the start. */
  dashboardLink(address: string): string
  close(): Promise<void>
}

/** Enough for three pages of a list and for all categories. */
const PRODUCTS = 60

export interface OpenOptions {
  /** Of an earlier shop that was closed, or of another instance. */
  readonly dataDir?: string
  readonly databaseUrl?: string
  readonly redisUrl?: string
  readonly instance?: string
  readonly adminToken?: string
  /** @default 'on' */
  readonly caching?: 'on' | 'off'
  /** Tests that are not of warming begin with an empty cache. @default 'off' */
  readonly warming?: 'on' | 'off'
  readonly hourly?: Schedule
  readonly stage?: Stage
}

/** Closed when the test ends. */
export async function openShop(options: OpenOptions = {}): Promise<OpenShop> {
  const dataDir = options.dataDir ?? (await newFolder())
  const shop = await openShopAt(dataDir, options)
  onTestFinished(() => shop.close())
  return shop
}

/** To be closed by whoever opens it; for what several tests share. */
export async function openShopAt(dataDir: string, options: OpenOptions): Promise<OpenShop> {
  const app = await buildShop({ warming: 'off', ...options, dataDir, products: PRODUCTS })
  const ask = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    body?: object | string,
    given: Readonly<Record<string, string>> = {},
  ): Promise<Answer> => {
    const headers = { ...(body !== undefined && { 'content-type': 'application/json' }), ...given }
    const payload = body === undefined ? {} : { payload: body }
    const response = await app.inject({ method, url, headers, ...payload })
    const timing = String(response.headers['server-timing'] ?? '')
    return {
      status: response.statusCode,
      body: response.body,
      headers: response.headers,
      json: () => response.json() as never,
      tier: /cache;desc="(\w+)"/.exec(timing)?.[1],
    }
  }
  // On a busy machine the first look at the shared tier can come late; until then no copy is kept.
  const standing = options.caching === 'off' ? 'unknown' : 'followed'
  const follows = async () =>
    ((await ask('GET', '/status')).json() as StatusReport).following.state === standing
  await until('the shop follows the others', follows, { everyMs: 5 }).catch(async (error) => {
    await app.close()
    throw error
  })
  return {
    dataDir,
    get: (url, headers) => ask('GET', url, undefined, headers),
    send: ask,
    drained: () =>
      expect
        .poll(async () => ((await ask('GET', '/status')).json() as StatusReport).queue?.waiting, {
          timeout: 10_000,
        })
        .toBe(0),
    dashboardLink: (address) => app.dashboardLink(address),
    close: () => app.close(),
  }
}
