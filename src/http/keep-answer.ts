/** What becomes of an answer of the handler: handed to who caused it, and kept where that is allowed. */

import type { LoadContext } from '../contracts/source.ts'
import type { Asked } from './asked.ts'
import { readDirectives } from './cache-control.ts'
import type { Doing } from './cache-status.ts'
import { collectBody } from './collect-body.ts'
import { selectionOf, targetTag } from './entry-keys.ts'
import { giveFetched } from './give-answer.ts'
import { keptTags, shownHeaders, statedTags } from './handler-fields.ts'
import type { HttpSetup } from './http-setup.ts'
import {
  keepMs,
  type Offer,
  type Refusal,
  statedLength,
  varyNames,
  whyNotKept,
} from './may-store.ts'
import type { Place } from './place.ts'
import { type HttpEntry, keptFields, type StoredAnswer } from './stored-answer.ts'
import type { Delivery } from './take-turn.ts'

export interface Received extends Delivery {
  readonly response: Response
  readonly requestedAt: number
  readonly place: Place
  readonly doing: Doing
}

/** Lives of an entry whose names are still of use when its answer is not. */
const NAMES_MS = 3_600_000

/** `undefined`, uncached: it was for that one request alone. */
export async function keepAnswer(
  setup: HttpSetup,
  asked: Asked,
  received: Received,
  context: LoadContext<string>,
): Promise<HttpEntry | undefined> {
  const { response, requestedAt, place, doing, deliver, settled } = received
  const { request, policy } = asked
  const receivedAt = setup.now()
  const headers = shownHeaders(response)
  const directives = readDirectives(headers.get('cache-control'))
  const { status } = response
  const offer: Offer = { request, policy, requestedAt, receivedAt, status, headers, directives }
  const unkept = whyNotKept(offer, setup.keepStaleMs) ?? tooLong(headers, policy.maxBytes)
  const tags = unkept === undefined ? keptTags(setup, asked, response) : undefined
  if (tags === undefined) {
    const refusal = unkept ?? 'tags'
    // An error says nothing of the answers to come.
    if (status < 500) setup.unshared.note(place.at, receivedAt, refusal === 'size')
    deliver(giveFetched(setup, asked, response, { headers, doing: { ...doing, detail: refusal } }))
    return context.uncached(undefined)
  }
  setup.unshared.forget(place.at)
  const length = statedLength(headers)
  const body =
    response.body && collectBody(response.body, { most: policy.maxBytes, length, settled })
  const handed = new Response(body?.stream ?? null, response)
  const kept = keptFields(headers, receivedAt, policy.override.setCookie ? ['set-cookie'] : [])
  deliver(giveFetched(setup, asked, handed, { headers, doing: { ...doing, stored: true } }))
  const bytes = body === null ? new Uint8Array() : await body.whole
  if (typeof bytes === 'string' || !isWhole(headers, bytes)) {
    setup.unshared.note(place.at, receivedAt, bytes === 'too-large')
    return context.uncached(undefined)
  }
  const answer: StoredAnswer = {
    ...{ status, statusText: response.statusText, headers: [...kept], body: bytes },
    ...{ requestedAt, receivedAt, tags: statedTags(response) },
  }
  return await enter(setup, asked, { place, answer, tags, offer }, context)
}

interface Entering {
  readonly place: Place
  readonly answer: StoredAnswer
  readonly tags: readonly string[]
  readonly offer: Offer
}

/** Gives the entry its life and its tags. */
export async function enter(
  setup: HttpSetup,
  asked: Asked,
  { place, answer, tags, offer }: Entering,
  context: LoadContext<string>,
): Promise<HttpEntry | undefined> {
  const named = varyNames(offer.headers)
  const names = [...new Set([...place.names, ...named])].sort()
  const own = { names, selected: await selectionOf(asked.request, names), answer }
  const all = [await targetTag(setup.name, asked.target), ...tags]
  const life = keepMs(offer, setup.keepStaleMs)
  const grown = names.length > place.names.length
  if (!grown || place.at === asked.key) {
    const ttl = names.length > 0 && place.at === asked.key ? Math.max(life, NAMES_MS) : life
    context.options({ ttl, tags: all })
    return own
  }
  // One that stands apart now depends on more than it was known to. Kept under a key that was not asked for
  // when its load began, it could outlive an invalidation; so the names alone are noted.
  const mark: HttpEntry = { names, selected: '', answer: undefined }
  await setup.answers.reload(asked.key, async (marking) => {
    marking.options({ ttl: NAMES_MS, tags: all })
    return mark
  })
  return context.uncached(undefined)
}

function tooLong(headers: Headers, most: number): Refusal | undefined {
  return (statedLength(headers) ?? 0) > most ? 'size' : undefined
}

/** RFC 9111, 3.3: what broke off before its stated length is no answer to keep. */
function isWhole(headers: Headers, bytes: Uint8Array): boolean {
  const stated = statedLength(headers)
  return stated === undefined || stated === bytes.byteLength
}
