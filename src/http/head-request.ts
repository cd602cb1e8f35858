/**
 * A HEAD that goes to the handler, past an answer that is kept: what comes back says whether that still holds
 * (RFC 9111, section 4.3.5).
 */

import type { Asked } from './asked.ts'
import type { Doing } from './cache-status.ts'
import { isSame, unconditional } from './conditional.ts'
import { giveFetched } from './give-answer.ts'
import { HandlerFailure } from './handler-failure.ts'
import { shownHeaders } from './handler-fields.ts'
import type { HttpSetup } from './http-setup.ts'
import type { Place } from './place.ts'
import { renew } from './renew.ts'
import type { StoredAnswer } from './stored-answer.ts'
import { takeTurn } from './take-turn.ts'

/**
 * The handler is asked within a load of the entry, so that what is invalidated meanwhile does not come to life
 * again. `undefined`: another request asks already. @throws as the handler does
 */
export async function headRequest(
  setup: HttpSetup,
  asked: Asked,
  place: Place & { readonly answer: StoredAnswer },
  doing: Doing,
): Promise<Response | undefined> {
  const turn = await takeTurn({
    ask: (load) => setup.answers.reload(place.at, load),
    owner: setup.owned,
    late: (error) => {
      if (!(error instanceof HandlerFailure)) setup.onError(error)
    },
    load: async ({ deliver }, context) => {
      const requestedAt = setup.now()
      const response = await asked.next(unconditional(asked.request))
      const headers = shownHeaders(response)
      if (response.status === 200 && isSame(place.answer, headers)) {
        return await renew(setup, asked, { place, response, requestedAt, doing, deliver }, context)
      }
      deliver(giveFetched(setup, asked, response, { headers, doing }))
      if (response.status !== 200) throw new HandlerFailure(`A HEAD had a ${response.status}.`)
      return context.uncached(undefined)
    },
  })
  return turn.kind === 'own' ? turn.response : undefined
}
