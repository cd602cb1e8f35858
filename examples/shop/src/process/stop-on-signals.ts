import type { FastifyInstance } from 'fastify'
import { EXIT_CODES } from './exit-codes.ts'

/** Requests have this long to end; then their connections are cut. */
const GRACE_MS = 2_000
/** After them the changes that wait have two seconds. A disk that hangs must not keep the process. */
const STOP_MS_AT_MOST = 4_500

/**
 * The first Ctrl-C or SIGTERM stops the shop in order and exits with 0, within five seconds; the
 * second one exits at once.
 *
 * Answers what stops it in order from inside.
 */
export function stopOnSignals(app: FastifyInstance): () => void {
  let stopping = false
  const begin = (): void => {
    if (stopping) return
    stopping = true
    void stop(app)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(EXIT_CODES[signal])
      begin()
    })
  }
  return begin
}

/** Always ends the process. */
async function stop(app: FastifyInstance): Promise<void> {
  setTimeout(() => app.server.closeAllConnections(), GRACE_MS).unref()
  setTimeout(() => process.exit(0), STOP_MS_AT_MOST).unref()
  try {
    await app.close()
    process.exit(0)
  } catch (error) {
    console.error(`Tiercel shop did not stop in order: ${error}`)
    process.exit(1)
  }
}
