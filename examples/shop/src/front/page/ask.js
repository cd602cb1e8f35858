/** Requests to the shop. */

import { tell } from './answers.js'

const PATIENCE_MS = 10_000

/** @typedef {{ cached: boolean, data: any, tier: string }} Answer `tier`: of the cache, that gave it. */

/**
 * Asks, and tells on the page who answered.
 *
 * @param {string} path
 * @param {object} [body] Of a `POST`; without one it is a `GET`.
 * @returns {Promise<Answer>}
 * @throws Error with what the shop says is wrong.
 */
export async function ask(path, body) {
  const answer = await askQuietly(path, body)
  const method = body === undefined ? 'GET' : 'POST'
  tell(`${method} ${path}`, answer.tier, `${answer.tier}, ${answer.ms} ms`)
  return answer
}

/**
 * As `ask`, for what goes on by itself and would fill the page.
 *
 * @param {string} path
 * @param {object} [body]
 * @returns {Promise<Answer & { ms: string }>}
 */
export async function askQuietly(path, body) {
  const sent = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(path, { ...sent, signal: AbortSignal.timeout(PATIENCE_MS) })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.error.field}: ${answer.error.message}`)
  const timing = response.headers.get('server-timing') ?? ''
  const [, tier = 'nobody', ms = '0'] = /cache;desc="(\w+)";dur=([\d.]+)/.exec(timing) ?? []
  return { ...answer, tier, ms }
}
