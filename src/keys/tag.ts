/** What a tag is: for whoever names one, and for whoever hands on what others have named. */

export const MOST_TAG_LENGTH = 512

/** A lone surrogate becomes the same byte sequence as any other in UTF-8: two tags would meet. */
export function isTag(given: unknown): given is string {
  if (typeof given !== 'string' || given === '') return false
  return given.length <= MOST_TAG_LENGTH && given.isWellFormed()
}
