/** Instances of the shop in this process, on a clock that a test drives. */

import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { memoryTier } from 'tiercel/memory'
import { onTestFinished } from 'vitest'
import { buildShop } from '../src/build-shop.ts'
import { LeapingClock } from './leaping-clock.ts'
import { newFolder } from './new-folder.ts'

export interface StagedShops {
  readonly clock: LeapingClock
  readonly apps: readonly FastifyInstance[]
  /** Of `source.db`. */
  readonly dataDir: string
  /** Of one instance after the other, unless one is named; with the token of the administration. */
  ask(
    method: 'GET' | 'POST',
    url: string,
    more?: { readonly payload?: object; readonly of?: FastifyInstance },
  ): Promise<LightMyRequestResponse>
}

const TOKEN = 'token-of-the-shop-in-tests'
const headers = { authorization: `Bearer ${TOKEN}`, host: '127.0.0.1' }
/** Each leap is heard of as a machine that was asleep. */
const SILENT = { warn() {}, error() {} }

export async function openStagedShops(count: number): Promise<StagedShops> {
  const clock = new LeapingClock()
  const options = { shared: memoryTier(), logger: SILENT }
  const dataDir = await newFolder()
  const apps: FastifyInstance[] = []
  for (let n = 1; n <= count; n += 1) {
    const app = await buildShop({
      dataDir,
      products: 5,
      instance: `shop-${n}`,
      adminToken: TOKEN,
      warming: 'off',
      stage: { clock, options },
    })
    onTestFinished(async () => void (await clock.over(app.close())))
    apps.push(app)
  }
  let turn = 0
  return {
    clock,
    apps,
    dataDir,
    async ask(method, url, { payload, of } = {}) {
      turn += 1
      const app = of ?? (apps[turn % apps.length] as FastifyInstance)
      const request = app.inject({ method, url, headers, ...(payload && { payload }) })
      return await clock.over(request.then((response) => response))
    },
  }
}
