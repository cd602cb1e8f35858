/**
 * Starts the shop: `node examples/shop/src/main.ts`, one process or, with `--instances`, several. The
 * README lists the variables it reads.
 */

import type { FastifyInstance } from 'fastify'
import type { DrainReport } from 'tiercel'
import { buildShop } from './build-shop.ts'
import { explainFailure } from './process/explain-failure.ts'
import { prepareFolder } from './process/prepare-folder.ts'
import { readConfig, type ShopConfig } from './process/read-config.ts'
import { runInstances } from './process/run-instances.ts'
import { stopOnSignals } from './process/stop-on-signals.ts'
import { hasParent, stopWithParent, tellParent } from './process/with-parent.ts'

async function main(): Promise<void> {
  let config: ShopConfig | undefined
  try {
    config = readConfig(process.env, process.argv.slice(2))
    await prepareFolder(config)
    if (config.instances > 1) process.exitCode = await runInstances(config)
    else await runShop(config)
  } catch (error) {
    console.error(`Tiercel shop cannot start. ${explainFailure(error, config)}`)
    process.exitCode = 1
  }
}

async function runShop(config: ShopConfig): Promise<void> {
  const app = await buildShop({ ...config, onDrained: tellDrained })
  const address = await listen(app, config)
  const stop = stopOnSignals(app)
  const dashboard = app.dashboardLink(address)
  if (hasParent()) {
    tellParent({ address, dashboard })
  } else {
    console.log(`Tiercel shop: ${address}`)
    console.log(`To click through: ${address}/shop`)
    console.log(`Dashboard: ${dashboard}`)
    console.log(`API description: ${address}/docs`)
  }
  stopWithParent(stop)
}

function tellDrained({ flushed, remaining, deadLettered }: DrainReport): void {
  if (flushed + remaining + deadLettered === 0) return
  console.log(
    `Changes that waited: ${flushed} written, ${remaining} left for the next start, ${deadLettered} given up.`,
  )
}

/** What cannot be listened with is closed, so that the process ends. */
async function listen(app: FastifyInstance, { port, host }: ShopConfig): Promise<string> {
  try {
    return await app.listen({ port, host })
  } catch (error) {
    await app.close()
    throw error
  }
}

await main()
