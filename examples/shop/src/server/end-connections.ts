import type { FastifyInstance } from 'fastify'

/**
 * Ends each connection with its last answer once the shop is closing.
 *
 * The server itself closes what is idle in that moment; a connection whose request was being
 * answered would stay open for the next one, and the shop would wait for it.
 */
export function endConnections(app: FastifyInstance): void {
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_, reply) => {
    if (closing) reply.header('connection', 'close')
  })
}
