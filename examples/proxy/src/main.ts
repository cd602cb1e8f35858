/** Starts the proxy: `npm run proxy -- --origin http://127.0.0.1:8000`. */

import { readSettings } from './read-settings.ts'
import { startProxy } from './start-proxy.ts'

try {
  const settings = readSettings(process.env, process.argv.slice(2))
  const proxy = await startProxy(settings)
  console.log(`Tiercel proxy: ${proxy.address} before ${settings.origin.origin}`)
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Whoever says it twice means it.
      if (stopping) process.exit(1)
      stopping = true
      void proxy.close()
    })
  }
} catch (error) {
  console.error(`Tiercel proxy cannot start. ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}
