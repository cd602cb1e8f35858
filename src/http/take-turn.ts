/**
 * One request at the door of the handler: either its own handler is asked, and it has the answer as soon as
 * the head is here; or another request's handler was asked for the same key, and it has what that brought.
 */

import type { LoadContext } from '../contracts/source.ts'
import type { LoadEntry } from './answer-collection.ts'
import type { HttpEntry } from './stored-answer.ts'

export type Turn =
  /** Its own handler was asked. */
  { readonly kind: 'own'; readonly response: Response } | AnothersTurn

export type AnothersTurn =
  /** Another's was, or somebody had stored it meanwhile. `undefined`: that was for the other alone. */
  | { readonly kind: 'joined'; readonly entry: HttpEntry | undefined }
  /** Another's was, and failed; or the cache did. Its own was not asked and will not be. */
  | { readonly kind: 'failed'; readonly error: unknown }

export interface Delivery {
  /** Hands the answer to the one request whose handler was asked, as soon as its head is here. */
  readonly deliver: (response: Response) => void
  /** What was loaded has been stored, or was not to be. Never rejects. */
  readonly settled: Promise<unknown>
}

export interface TurnPlan {
  /** How the collection is asked. */
  readonly ask: (load: LoadEntry) => Promise<HttpEntry | undefined>
  /** Asks the handler; must call `deliver`, or throw. */
  readonly load: (
    delivery: Delivery,
    context: LoadContext<string>,
  ) => Promise<HttpEntry | undefined>
  /** Of what goes on after the answer was given. */
  readonly owner: (work: Promise<unknown>) => void
  /** What goes wrong after the answer was given: it fails no request. */
  readonly late: (error: unknown) => void
}

/** @throws whatever its own handler throws. */
export async function takeTurn({ ask, load, owner, late }: TurnPlan): Promise<Turn> {
  const delivered = Promise.withResolvers<Turn>()
  const settled = Promise.withResolvers<void>()
  let own = false
  let given = false
  const asking = ask(async (context) => {
    own = true
    const deliver = (response: Response): void => {
      given = true
      delivered.resolve({ kind: 'own', response })
    }
    try {
      return await load({ deliver, settled: settled.promise }, context)
    } catch (error) {
      if (given) late(error)
      delivered.reject(error)
      throw error
    }
  })
  const outcome = asking.then(
    (entry): Turn => ({ kind: 'joined', entry }),
    (error: unknown): Turn => ({ kind: 'failed', error }),
  )
  void outcome.then(() => settled.resolve())
  owner(outcome)
  // Handled below where it is awaited; a turn that was not its own never settles it.
  delivered.promise.catch(() => {})
  const first = await Promise.race([delivered.promise, outcome])
  // The caller's time may be over before its handler is done: it is waited for as if there were no cache.
  return own ? await delivered.promise : first
}
