/** The process that loads the instances of one side, by autocannon. Started by `open-side.ts`. */

import autocannon, { type Request } from 'autocannon'
import { answerParent } from '../processes/answer-parent.ts'
import { connectionRequest, type Traffic } from './cannon-connection.ts'
import type { CannonAnswer, CannonArguments, CannonQuestion } from './cannon-questions.ts'
import { CannonRecord } from './cannon-record.ts'
import { drawProducts, judgedProducts } from './popular-products.ts'

const asked = JSON.parse(process.argv[2] ?? '') as CannonArguments
const { product, chance } = drawProducts(asked)
/** The share of writes among all requests. */
const share = asked.readsPerWrite === null ? 0 : 1 / (asked.readsPerWrite + 1)

let record = new CannonRecord()
const traffic: Traffic = {
  product,
  writes: () => share > 0 && chance() < share,
  beingWritten: new Set(),
  serials: new Map(),
  judged: new Set(judgedProducts(asked.products)),
  record: () => record,
}

answerParent<CannonQuestion>(async ({ seconds, observations, warmUp = false }) => {
  // Answers that were cut off at the end of the last pass have been worked off by now.
  traffic.beingWritten.clear()
  record = new CannonRecord()
  const shares = asked.addresses.map((url, index) => ({ url, connections: shareOf(index) }))
  const results = await Promise.all(
    shares.map(({ url, connections }) =>
      autocannon({
        url,
        connections,
        duration: seconds,
        setupClient(client) {
          const request: Request = warmUp ? { path: '/health/live' } : connectionRequest(traffic)
          client.setRequests([request])
        },
      }),
    ),
  )
  const errors = results.reduce((total, result) => total + result.errors, 0)
  const timeouts = results.reduce((total, result) => total + result.timeouts, 0)
  const { requests, elapsedMs, refusals: refused, latencyMs, perSecond, log } = record
  await log.save(observations)
  return {
    requests,
    elapsedMs,
    refused,
    errors,
    timeouts,
    latencyMs,
    perSecond,
    unjudged: log.unkept,
  } satisfies CannonAnswer
})

/** As evenly as connections can be shared. */
function shareOf(index: number): number {
  const { connections, addresses } = asked
  const evenly = Math.floor(connections / addresses.length)
  return evenly + (index < connections % addresses.length ? 1 : 0)
}
