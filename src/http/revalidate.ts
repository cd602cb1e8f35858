/** Asks the handler whether what is kept still holds: RFC 9111, section 4.3, and RFC 5861, section 4. */

import type { LoadContext } from '../contracts/source.ts'
import type { Asked } from './asked.ts'
import type { Doing } from './cache-status.ts'
import { validating } from './conditional.ts'
import { giveFetched, giveStored } from './give-answer.ts'
import { HandlerFailure } from './handler-failure.ts'
import { shownHeaders } from './handler-fields.ts'
import type { Next } from './http-options.ts'
import type { HttpSetup } from './http-setup.ts'
import { keepAnswer } from './keep-answer.ts'
import { judge, type Verdict } from './may-serve.ts'
import { answerFor, type Place } from './place.ts'
import { renew } from './renew.ts'
import type { HttpEntry, StoredAnswer } from './stored-answer.ts'
import { type AnothersTurn, type Delivery, takeTurn } from './take-turn.ts'

export interface Validation {
  readonly place: Place & { readonly answer: StoredAnswer }
  readonly verdict: Verdict
  readonly next: Next
}

/** RFC 5861, 4. */
const ERRORS = new Set([500, 502, 503, 504])

/** `undefined`: what it waited for was not for this request. @throws as the handler does */
export async function revalidate(
  setup: HttpSetup,
  asked: Asked,
  validation: Validation,
): Promise<Response | undefined> {
  const { place, verdict } = validation
  const doing: Doing = { fwd: verdict.insisted ? 'request' : 'stale' }
  const shared = setup.validations.get(place.at)
  // Who insists is not answered by what another asked for before (RFC 9111, 5.2.1.4).
  if (shared !== undefined && !verdict.insisted) {
    return await joined(setup, asked, validation, await shared)
  }
  const turn = await takeTurn({
    ask: (load) => {
      const asking = setup.answers.reload(place.at, load)
      const told = asking.then(
        (entry): AnothersTurn => ({ kind: 'joined', entry }),
        (error: unknown): AnothersTurn => ({ kind: 'failed', error }),
      )
      setup.validations.set(place.at, told)
      void told.then(() => {
        if (setup.validations.get(place.at) === told) setup.validations.delete(place.at)
      })
      return asking
    },
    owner: setup.owned,
    late: (error) => {
      if (!(error instanceof HandlerFailure)) setup.onError(error)
    },
    load: (delivery, context) =>
      validate(setup, asked, { ...validation, doing, ...delivery }, context),
  })
  return turn.kind === 'own' ? turn.response : await joined(setup, asked, validation, turn)
}

async function joined(
  setup: HttpSetup,
  asked: Asked,
  { place, verdict }: Validation,
  turn: AnothersTurn,
): Promise<Response | undefined> {
  const answer = turn.kind === 'joined' ? await answerFor(asked, turn.entry) : undefined
  if (answer !== undefined) {
    const { kind, ageS, ttlS } = judge(answer, asked.directives, asked.policy, setup.now())
    const doing: Doing = { fwd: 'stale', ttlS, collapsed: true }
    if (kind === 'serve') return giveStored(setup, asked, answer, { ageS, doing })
  }
  // Where nothing has failed, what is kept has been withdrawn, or was not for this request.
  if (turn.kind !== 'failed' || !verdict.ifError) return undefined
  return giveStored(setup, asked, place.answer, {
    ageS: verdict.ageS,
    doing: { hit: true, ttlS: verdict.ttlS, detail: 'stale-if-error' },
  })
}

interface Validating extends Validation, Delivery {
  readonly doing: Doing
}

async function validate(
  setup: HttpSetup,
  asked: Asked,
  { place, verdict, next, doing, ...delivery }: Validating,
  context: LoadContext<string>,
): Promise<HttpEntry | undefined> {
  const { answer } = place
  const { deliver } = delivery
  const requestedAt = setup.now()
  const instead = (fwdStatus?: number): void =>
    deliver(
      giveStored(setup, asked, answer, {
        ageS: verdict.ageS,
        doing: {
          ...{ ...doing, ttlS: verdict.ttlS, detail: 'stale-if-error' },
          ...(fwdStatus === undefined ? {} : { fwdStatus }),
        },
      }),
    )
  let response: Response
  try {
    response = await next(validating(asked.request, answer))
  } catch (error) {
    if (!verdict.ifError) throw error
    instead()
    throw new HandlerFailure('The handler failed while it was asked for a newer answer.', {
      cause: error,
    })
  }
  const { status } = response
  if (status === 304) {
    return await renew(setup, asked, { place, response, requestedAt, doing, ...delivery }, context)
  }
  if (!ERRORS.has(status)) {
    const noted = { ...doing, fwdStatus: status }
    const received = { response, requestedAt, place, doing: noted, ...delivery }
    return await keepAnswer(setup, asked, received, context)
  }
  // 4.3.3: an error is handed on, or what is kept is served; it stays in either case.
  if (verdict.ifError) {
    void response.body?.cancel().catch(() => {})
    instead(status)
  } else {
    const headers = shownHeaders(response)
    deliver(giveFetched(setup, asked, response, { headers, doing }))
  }
  throw new HandlerFailure(`The handler answered with ${status}.`)
}
