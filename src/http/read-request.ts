/** GET and HEAD: what RFC 9111, section 4, has a cache do with a request. */

import { type Asked, describeRequest, type PassedBy } from './asked.ts'
import { readDirectives } from './cache-control.ts'
import type { Doing } from './cache-status.ts'
import { hasValidator, unconditional } from './conditional.ts'
import { givePassed, giveStored } from './give-answer.ts'
import { shownHeaders } from './handler-fields.ts'
import { headRequest } from './head-request.ts'
import type { HandleOptions, Next } from './http-options.ts'
import type { HttpSetup } from './http-setup.ts'
import { keepAnswer } from './keep-answer.ts'
import { judge } from './may-serve.ts'
import { statedLength, whyNotKept } from './may-store.ts'
import { answerFor, findPlace, type Place } from './place.ts'
import { revalidate, type Validation } from './revalidate.ts'
import { takeTurn } from './take-turn.ts'

/** How often a request looks again where what it waited for was not for it, before it goes on alone. */
const ROUNDS = 3

export async function readRequest(
  setup: HttpSetup,
  request: Request,
  url: URL,
  how: { readonly next: Next; readonly options: HandleOptions },
): Promise<Response> {
  const asked = await describeRequest(setup, request, url, how)
  if ('fwd' in asked) return await passBy(setup, { request, next: how.next }, asked)
  for (let round = 0; round < ROUNDS; round += 1) {
    let place: Place
    try {
      place = await findPlace(setup, asked)
    } catch (error) {
      // A service goes on without its cache.
      setup.onError(error)
      return await alone(setup, asked, { fwd: 'bypass', detail: 'cache-failure' })
    }
    const response = await answerAt(setup, asked, place)
    if (response !== undefined) return response
  }
  return await alone(setup, asked, { fwd: 'miss', detail: 'not-shared' })
}

async function answerAt(
  setup: HttpSetup,
  asked: Asked,
  place: Place,
): Promise<Response | undefined> {
  const { answer } = place
  const verdict = answer && judge(answer, asked.directives, asked.policy, setup.now())
  if (answer !== undefined && verdict !== undefined) {
    const told = { ageS: verdict.ageS, doing: { hit: true, ttlS: verdict.ttlS } }
    if (verdict.kind === 'serve') {
      return giveStored(setup, asked, answer, told)
    }
    // A HEAD has no body that could take the place of what is kept, but may well be answered by it.
    if (verdict.kind === 'behind' && asked.request.method === 'HEAD') {
      return giveStored(setup, asked, answer, told)
    }
    if (verdict.kind === 'behind' && asked.behind !== 'never') {
      const work = revalidateBehind(setup, asked, asked.behind, {
        place: { ...place, answer },
        verdict,
      })
      setup.owned(work.catch(setup.onError))
      return giveStored(setup, asked, answer, told)
    }
  }
  // 5.2.1.7.
  if (asked.directives.has('only-if-cached')) return unanswered(setup)
  if (answer !== undefined && verdict !== undefined && asked.request.method === 'GET') {
    return await revalidate(setup, asked, {
      place: { ...place, answer },
      verdict,
      next: asked.next,
    })
  }
  const fwd = verdict === undefined ? place.missing : verdict.insisted ? 'request' : 'stale'
  // The head alone is no answer to a GET, and a HEAD must not cost the handler a body.
  if (asked.request.method === 'HEAD') {
    if (answer === undefined || !hasValidator(answer)) return await alone(setup, asked, { fwd })
    return await headRequest(setup, asked, { ...place, answer }, { fwd })
  }
  if (setup.unshared.has(place.at, setup.now())) {
    return await unshared(setup, asked, place, { fwd, detail: 'not-shared' })
  }
  return await fetchAnswer(setup, asked, place)
}

/** Nothing is there: one of all who ask now has its handler asked. */
async function fetchAnswer(
  setup: HttpSetup,
  asked: Asked,
  place: Place,
): Promise<Response | undefined> {
  const doing = { fwd: place.missing }
  const turn = await takeTurn({
    ask: (load) => setup.answers.load(place.at, load),
    owner: setup.owned,
    late: setup.onError,
    load: async (delivery, context) => {
      const requestedAt = setup.now()
      const response = await asked.next(unconditional(asked.request))
      const received = { response, requestedAt, place, doing, ...delivery }
      return await keepAnswer(setup, asked, received, context)
    },
  })
  if (turn.kind === 'own') return turn.response
  const answer = turn.kind === 'joined' ? await answerFor(asked, turn.entry) : undefined
  if (answer === undefined) return undefined
  const { kind, ageS, ttlS, insisted } = judge(answer, asked.directives, asked.policy, setup.now())
  if (insisted) return undefined
  // 5.2.2.4: what has to be validated for each request is not for those who waited.
  if (kind !== 'serve') return await alone(setup, asked, { ...doing, detail: 'not-shared' })
  return giveStored(setup, asked, answer, { ageS, doing: { ...doing, ttlS, collapsed: true } })
}

async function revalidateBehind(
  setup: HttpSetup,
  asked: Asked,
  next: Next,
  seen: Omit<Validation, 'next'>,
): Promise<void> {
  const found = asked.answered === undefined ? seen : await stillStale(setup, asked)
  // Another asks already, and who waited for that would learn nothing.
  if (found === undefined || setup.validations.has(found.place.at)) return
  const response = await revalidate(setup, asked, { ...found, next })
  await response?.body?.cancel()
}

/** A client may have taken long, and other requests have gone on meanwhile. `undefined`: nothing is to be done. */
async function stillStale(
  setup: HttpSetup,
  asked: Asked,
): Promise<Omit<Validation, 'next'> | undefined> {
  const answered = await asked.answered?.then(
    () => true,
    () => false,
  )
  if (answered !== true) return undefined
  const place = await findPlace(setup, asked)
  const { answer } = place
  if (answer === undefined) return undefined
  const verdict = judge(answer, asked.directives, asked.policy, setup.now())
  return verdict.stale ? { place: { ...place, answer }, verdict } : undefined
}

/** As the one before it was, which may have changed. */
async function unshared(
  setup: HttpSetup,
  asked: Asked,
  place: Place,
  doing: Doing,
): Promise<Response> {
  const requestedAt = setup.now()
  const response = await alone(setup, asked, doing)
  const { status, headers } = response
  const directives = readDirectives(headers.get('cache-control'))
  const { request, policy } = asked
  const receivedAt = setup.now()
  const offer = { request, policy, requestedAt, receivedAt, status, headers, directives }
  const length = statedLength(headers)
  // Without a stated length, the end of a body alone says whether it was too large.
  const fits = length === undefined ? !setup.unshared.isLarge(place.at) : length <= policy.maxBytes
  if (fits && whyNotKept(offer, setup.keepStaleMs) === undefined) setup.unshared.forget(place.at)
  return response
}

/** For this request alone: neither shared nor kept. */
async function alone(setup: HttpSetup, asked: Asked, doing: Doing): Promise<Response> {
  const { request, next } = asked
  const response = await next(request)
  const headers = shownHeaders(response)
  return givePassed(setup, response, headers, doing)
}

async function passBy(
  setup: HttpSetup,
  { request, next }: { readonly request: Request; readonly next: Next },
  doing: PassedBy,
): Promise<Response> {
  const response = await next(request)
  const headers = shownHeaders(response)
  return givePassed(setup, response, headers, doing)
}

function unanswered(setup: HttpSetup): Response {
  const headers = new Headers({ 'cache-control': 'no-store' })
  const response = new Response(null, { status: 504, headers })
  return givePassed(setup, response, new Headers(headers), { detail: 'only-if-cached' })
}
