import type { FastifyInstance } from 'fastify'

/** Requests have this long to end; then their connections are cut. */
const GRACE_MS = 3_000
/** Closing files takes milliseconds; a disk that hangs must not keep the process. */
const STOP_MS_AT_MOST = 4_500
/** What a shell reports for a process that a signal ended: 128 and the signal's number. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const

/**
 * The first Ctrl-C or SIGTERM stops the shop in order and exits with 0, within five seconds; the
 * second one exits at once.
 */
export function stopOnSignals(app: FastifyInstance): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(EXIT_CODES[signal])
      stopping = true
      void stop(app)
    })
  }
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
