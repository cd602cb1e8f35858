import type { FastifyRequest } from 'fastify'
import { RequestError } from './request-error.ts'

/**
 * Keeps pages of other sites from sending forms here. Browsers say where a request comes from (W3C,
 * Fetch Metadata); other clients say nothing and are let through.
 *
 * Needed only where a route takes what a form can send: no page elsewhere can send JSON.
 *
 * @throws RequestError with 403.
 */
export async function refuseOtherSites({ headers }: FastifyRequest): Promise<void> {
  const from = headers['sec-fetch-site'] ?? 'none'
  if (from === 'same-origin' || from === 'none') return
  throw new RequestError(403, {
    field: 'sec-fetch-site',
    message: 'Only the page of the shop itself may do that.',
  })
}
