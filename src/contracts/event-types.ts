/** The types of events, as a list. */

import type { CacheEvent } from './events.ts'

type EventType = CacheEvent['type']

/** A record, so that no type of event can be forgotten. */
export const EVENT_TYPES: readonly EventType[] = Object.keys({
  reads: true,
  answers: true,
  latency: true,
  alert: true,
  load: true,
  stale: true,
  unanswered: true,
  write: true,
  removal: true,
  invalidation: true,
  undecodable: true,
  compression: true,
  'tier-failure': true,
  connection: true,
  audit: true,
  queue: true,
  'old-versions': true,
  'clean-up': true,
  'queue-status': true,
  'store-call': true,
  'clean-up-failed': true,
  warming: true,
  forecast: true,
  shadow: true,
  mode: true,
} satisfies Record<EventType, true>) as EventType[]
