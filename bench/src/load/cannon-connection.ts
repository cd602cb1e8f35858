/** What one connection of autocannon sends, and what it makes of the answers. Called by `cannon-child.ts`. */

import type { Request } from 'autocannon'
import { hostNow } from '../processes/host-clock.ts'
import type { CannonRecord } from './cannon-record.ts'
import { draftOfSerial, serialOfAnswer } from './serial-price.ts'

/** What all connections of a process share. */
export interface Traffic {
  readonly product: () => number
  /** Whether the next request is a write. */
  readonly writes: () => boolean
  /** Changes of a product follow one another: whose answer is awaited is not changed again. */
  readonly beingWritten: Set<number>
  readonly serials: Map<number, number>
  /** Products that only the judge changes. */
  readonly judged: ReadonlySet<number>
  readonly record: () => CannonRecord
}

/** Draws for a product that can be written now; with most of them popular, few are needed. */
const DRAWS_AT_MOST = 100

/** The one request that the connection sends again and again, another one each time. */
export function connectionRequest(traffic: Traffic): Request {
  let product = 1
  let serial = 0
  let isWrite = false
  let beganAt = 0

  const begin = (request: Request): Request => {
    isWrite = traffic.writes()
    product = traffic.product()
    if (isWrite) {
      for (let draw = 0; !isWritable(traffic, product); draw += 1) {
        if (draw === DRAWS_AT_MOST) isWrite = false
        if (!isWrite) break
        product = traffic.product()
      }
    }
    beganAt = hostNow()
    const path = `/products/${product}`
    if (!isWrite) return { ...request, method: 'GET', path, headers: {} }
    traffic.beingWritten.add(product)
    serial = (traffic.serials.get(product) ?? 0) + 1
    traffic.serials.set(product, serial)
    const headers = { 'content-type': 'application/json' }
    return { ...request, method: 'PUT', path, headers, body: draftOfSerial(product, serial) }
  }

  return {
    setupRequest: begin,
    onResponse(status, body, _context, headers = {}) {
      const endedAt = hostNow()
      const record = traffic.record()
      if (isWrite) {
        // Nobody knows what has become of a change that failed, or will: it is not to meet the next one.
        if (status < 500) traffic.beingWritten.delete(product)
        if (status < 300) record.written({ product, serial, beganAt, endedAt })
        else record.refused(status)
        return
      }
      const shown = serialOfAnswer(body)
      if (status !== 200 || shown === undefined) {
        record.refused(status)
        return
      }
      record.read({ product, serial: shown, beganAt, endedAt }, String(headers['server-timing']))
    },
  }
}

function isWritable({ judged, beingWritten }: Traffic, product: number): boolean {
  return !judged.has(product) && !beingWritten.has(product)
}
