/** Starts the shop: `node examples/shop/src/main.ts`. The README lists the variables it reads. */

import type { FastifyInstance } from 'fastify'
import { buildShop } from './build-shop.ts'
import { explainFailure } from './explain-failure.ts'
import { prepareFolder } from './prepare-folder.ts'
import { readConfig, type ShopConfig } from './read-config.ts'
import { stopOnSignals } from './stop-on-signals.ts'

async function main(): Promise<void> {
  let config: ShopConfig | undefined
  let app: FastifyInstance | undefined
  try {
    config = readConfig(process.env)
    await prepareFolder(config)
    app = await buildShop(config)
    const address = await app.listen({ port: config.port, host: config.host })
    stopOnSignals(app)
    console.log(`Tiercel shop: ${address}`)
    console.log(`API description: ${address}/docs`)
  } catch (error) {
    console.error(`Tiercel shop cannot start. ${explainFailure(error, config)}`)
    await app?.close()
    process.exitCode = 1
  }
}

await main()
