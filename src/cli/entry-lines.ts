/** One entry as a person reads it. */

import type { EntryAnswer } from './entry-answer.ts'
import { bytes, count, duration, instant } from './figures.ts'
import { shownKey } from './key-option.ts'
import { plainText } from './plain-text.ts'

const STATES: Readonly<Record<EntryAnswer['state'], string>> = {
  fresh: 'fresh',
  graced: 'past its freshness, inside its grace',
  pending: 'a write that waits for the source',
  removed: 'removed: its bytes are there, and nobody serves them',
  none: 'there is no entry',
}

/** `now`: epoch milliseconds, for what is left of its life. */
export function entryLines(answer: EntryAnswer, now: number = Date.now()): readonly string[] {
  const name =
    answer.collection === '' ? shownKey(answer) : `${answer.collection} ${shownKey(answer)}`
  const facts: (readonly [string, string])[] = [['state', STATES[answer.state]]]
  if (answer.state !== 'none') facts.push(...factsOf(answer, now))
  for (const { kind, queuedMs, attempts, taken } of answer.writes) {
    const tries = attempts === 0 ? '' : `, ${count(attempts)} tries`
    const under = taken ? ', on its way' : ''
    facts.push(['waits', `${kind}, for ${duration(queuedMs)}${tries}${under}`])
  }
  if (answer.deadLetter !== null) {
    const { error, diedAt } = answer.deadLetter
    facts.push(['dead letter', `${instant(diedAt)}: ${error}`])
  }
  if (!answer.found && mayBeNumber(answer)) {
    facts.push(['hint', 'as a number it is another key: --key-type number'])
  }
  const width = Math.max(...facts.map(([label]) => label.length))
  return [
    plainText(name),
    ...facts.map(([label, value]) => `  ${label.padEnd(width)}  ${plainText(value)}`),
  ]
}

/** Text was asked for, as nothing else was said. */
function mayBeNumber({ key, keyType, collection }: EntryAnswer): boolean {
  return keyType === 'string' && collection !== '' && String(Number(key)) === key
}

function factsOf(answer: EntryAnswer, now: number): readonly (readonly [string, string])[] {
  const { absent, tags, loadMs, schemaVersion, sizeBytes, shard, codec, compression } = answer
  const size = [bytes(sizeBytes), codec, compression].filter((part) => part !== null)
  return [
    ['tiers', answer.tiers.join(', ') || '-'],
    ['value', absent ? 'the source has nothing under this key' : 'not shown'],
    ['age', duration(answer.ageMs)],
    ...lives(answer, now),
    ['load took', loadMs === null ? 'it was set, or nobody knows' : duration(loadMs)],
    ['tags', tags.length === 0 ? 'none' : tags.join(', ')],
    ['version', schemaVersion === null ? '-' : String(schemaVersion)],
    ['size', size.join(', ')],
    ...(shard === null ? [] : [['shard', String(shard)] as const]),
  ]
}

/** Told of each tier where the two differ: a copy may end before the entry does. */
function lives(answer: EntryAnswer, now: number): readonly (readonly [string, string])[] {
  const { memory, shared } = answer
  if (memory === null || shared === null) {
    return [
      ['fresh until', ending(answer.freshUntil, now)],
      ['grace until', ending(answer.graceUntil, now)],
    ]
  }
  return [
    ['in memory', `fresh until ${ending(memory.freshUntil, now)}`],
    ['shared', `fresh until ${ending(shared.freshUntil, now)}`],
    ['grace until', ending(shared.graceUntil, now)],
  ]
}

function ending(at: number | null, now: number): string {
  if (at === null) return 'no end'
  const left = at - now
  return `${instant(at)} (${left >= 0 ? `in ${duration(left)}` : `${duration(-left)} ago`})`
}
