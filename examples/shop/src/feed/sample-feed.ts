/** Who follows whom, and what they have told: what a new shop begins with, always the same. */

import { SAMPLE_USERS } from '../database/sample-people.ts'
import { SeededNumbers } from '../database/seeded-numbers.ts'
import type { Activity } from './activity.ts'

export const ACTIVITIES = 1_000
const SEED = 20_260_505
const FOLLOWED_BY_EACH = 5
const OPENED_AT = Date.UTC(2026, 0, 1)
const MINUTE_MS = 60_000

const TEXTS = [
  'Has bought a lamp that does not hum.',
  'Looks for a bench that fits a small balcony.',
  'Is back from a week with the new bicycle bags.',
  'Repaired the old clock; it runs again.',
  'Recommends the cork board.',
  'Wonders who else collects brass cases.',
] as const

export interface Follow {
  readonly userId: number
  readonly followerId: number
}

/** The first users have the most followers, as anywhere; nobody follows themselves. */
export function sampleFollows(): readonly Follow[] {
  const numbers = new SeededNumbers(SEED)
  const follows: Follow[] = []
  for (let followerId = 1; followerId <= SAMPLE_USERS; followerId += 1) {
    const followed = new Set<number>()
    for (let n = 0; n < FOLLOWED_BY_EACH; n += 1) {
      followed.add(1 + Math.floor(SAMPLE_USERS * numbers.share() ** 3))
    }
    followed.delete(followerId)
    for (const userId of followed) follows.push({ userId, followerId })
  }
  return follows
}

/** In the order of their ids, the last one of today. */
export function sampleActivities(): readonly Activity[] {
  const numbers = new SeededNumbers(SEED + 1)
  return Array.from({ length: ACTIVITIES }, (_, index) => ({
    id: index + 1,
    userId: numbers.between(1, SAMPLE_USERS),
    text: numbers.pick(TEXTS),
    likes: Math.floor(40 * numbers.share() ** 3),
    createdAt: OPENED_AT - (ACTIVITIES - index) * 10 * MINUTE_MS,
  }))
}
