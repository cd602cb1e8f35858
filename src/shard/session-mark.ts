/**
 * The short mark of a session by which it knows its own hints among those of the others.
 *
 * A hint is sent for each change to every instance, so it has the end of the session's name and not all
 * of it. Where two sessions of a cache have one mark, each takes the other's changes for its own in what
 * is *counted*; nothing that is served is judged by it.
 */

/** Of 24 random bits, which is enough for some hundreds of instances. */
const LENGTH = 6

export const sessionMark: {
  /** Characters from the end of the session's name. */
  readonly length: number
  readonly of: (session: string) => string
} = {
  length: LENGTH,
  of: (session) => session.slice(-LENGTH),
}
