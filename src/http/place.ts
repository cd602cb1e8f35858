/** Where the answer to a request stands, or would: RFC 9111, section 4.1. */

import type { Asked } from './asked.ts'
import { selectionOf } from './entry-keys.ts'
import type { HttpSetup } from './http-setup.ts'
import type { HttpEntry, StoredAnswer } from './stored-answer.ts'

export interface Place {
  /** Of the entry that holds it. */
  readonly at: string
  /** Fields of a request by which answers of the URL are told apart, as far as it is known. */
  readonly names: readonly string[]
  readonly answer: StoredAnswer | undefined
  /** RFC 9211, 2.2: what was not found. */
  readonly missing: 'uri-miss' | 'vary-miss'
}

export async function findPlace(setup: HttpSetup, { request, key }: Asked): Promise<Place> {
  const first = await setup.answers.find(key)
  if (first === undefined) return { at: key, names: [], answer: undefined, missing: 'uri-miss' }
  const { names } = first
  const selection = await selectionOf(request, names)
  if (first.selected === selection && first.answer !== undefined) {
    return { at: key, names, answer: first.answer, missing: 'vary-miss' }
  }
  const at = `${key} ${selection}`
  const other = await setup.answers.find(at)
  return { at, names, answer: other?.answer, missing: 'vary-miss' }
}

/** What a load of another request has brought, if it is an answer to this one. */
export async function answerFor(
  { request }: Asked,
  entry: HttpEntry | undefined,
): Promise<StoredAnswer | undefined> {
  if (entry?.answer === undefined) return undefined
  return (await selectionOf(request, entry.names)) === entry.selected ? entry.answer : undefined
}
