/** What the sender of invalidations asks its receivers. Both sides of the channel read it. */

/** The keys of a pass: both sides make them up alike. */
export interface PassKeys {
  readonly subject: string
  readonly prefix: string
  readonly count: number
  /** Each so-manieth key's disappearance is noted, the last of its bulk; 1: that of all. */
  readonly every: number
}

export type ReceiverQuestion =
  /** Fetch a copy of each key, and watch from now on. Answered when all are there. */
  | ({ readonly ask: 'watch' } & PassKeys)
  /** When did they disappear? Answered when all have, or after the time. */
  | { readonly ask: 'report'; readonly withinMs: number }
  /** Read the keys through the subject all the time, from the source of truth where they are missing. */
  | {
      readonly ask: 'serve'
      readonly subject: string
      readonly prefix: string
      readonly count: number
    }
  /** How many of the keys are served older than the source has them? */
  | { readonly ask: 'check' }
  /** Read no more. */
  | { readonly ask: 'rest' }

/** Of the receivers' connections to Redis. */
export const receiverConnectionName = 'bench-receiver'

/** Milliseconds of the host's clock, in the order of the watched keys; `null`: it is still there. */
export type Disappearances = readonly (number | null)[]

export function passKeys({ prefix, count }: Pick<PassKeys, 'prefix' | 'count'>): readonly string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}:${at}`)
}

/** The places of the keys that are watched. */
export function watchedPlaces({
  count,
  every,
}: Pick<PassKeys, 'count' | 'every'>): readonly number[] {
  return Array.from({ length: Math.floor(count / every) }, (_, at) => (at + 1) * every - 1)
}
