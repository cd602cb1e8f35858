/** What the handler has confirmed lives on: RFC 9111, section 4.3.4. */

import type { LoadContext } from '../contracts/source.ts'
import type { Asked } from './asked.ts'
import { readDirectives } from './cache-control.ts'
import type { Doing } from './cache-status.ts'
import { confirms } from './conditional.ts'
import { giveStored } from './give-answer.ts'
import { keptTags, restated, shownHeaders, statedTags } from './handler-fields.ts'
import type { HttpSetup } from './http-setup.ts'
import { enter } from './keep-answer.ts'
import { judge } from './may-serve.ts'
import { whyNotKept } from './may-store.ts'
import type { Place } from './place.ts'
import { type HttpEntry, keptFields, refreshedFields, type StoredAnswer } from './stored-answer.ts'
import type { Delivery } from './take-turn.ts'

export interface Renewal extends Pick<Delivery, 'deliver'> {
  readonly place: Place & { readonly answer: StoredAnswer }
  readonly doing: Doing
  /** A 304, or the head of what is kept: its body is not read. */
  readonly response: Response
  readonly requestedAt: number
}

/** The answer lives on with the fields of `response`. */
export async function renew(
  setup: HttpSetup,
  asked: Asked,
  { place, response, requestedAt, doing, deliver }: Renewal,
  context: LoadContext<string>,
): Promise<HttpEntry | undefined> {
  const { request, policy } = asked
  // Where there is one all the same, whoever writes it waits for nobody.
  void response.body?.cancel().catch(() => {})
  const receivedAt = setup.now()
  const told = shownHeaders(response)
  const confirmed = confirms(place.answer, told)
  const fields = keptFields(told, receivedAt, policy.override.setCookie ? ['set-cookie'] : [])
  // 4.2.3: the age that the entry has counts from now on.
  const headers = confirmed ? refreshedFields(place.answer, fields) : new Headers(fields)
  if (!fields.has('age')) headers.delete('age')
  const stated = statedTags(response) ?? place.answer.tags
  const answer: StoredAnswer = confirmed
    ? { ...place.answer, headers: [...headers], tags: stated, requestedAt, receivedAt }
    : place.answer
  const directives = readDirectives(headers.get('cache-control'))
  const offer = {
    request,
    policy,
    requestedAt,
    receivedAt,
    status: answer.status,
    headers,
    directives,
  }
  const { ageS, ttlS } = judge(answer, asked.directives, policy, receivedAt)
  const mayKeep = confirmed && whyNotKept(offer, setup.keepStaleMs) === undefined
  const whole = restated(answer.status, headers, stated)
  const tags = mayKeep ? keptTags(setup, asked, whole) : undefined
  const noted: Doing = {
    ...doing,
    fwdStatus: response.status,
    ttlS,
    ...(tags === undefined ? {} : { stored: true }),
  }
  const given = giveStored(setup, asked, answer, { ageS, doing: noted })
  // Not kept, but whoever caused it has the cookies, as of an answer with a body.
  const cookies = given.headers.has('set-cookie') ? [] : told.getSetCookie()
  for (const cookie of cookies) given.headers.append('set-cookie', cookie)
  deliver(given)
  // It has become private meanwhile, or the handler speaks of another answer than the one that is kept.
  if (tags === undefined) return context.uncached(undefined)
  return await enter(setup, asked, { place, answer, tags, offer }, context)
}
