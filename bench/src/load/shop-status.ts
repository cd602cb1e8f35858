/** What the instances say of themselves at `/status`, added up. */

import { setTimeout as pause } from 'node:timers/promises'

export interface ShopStatus {
  /** Statements that were sent to the source. */
  readonly source: { readonly reads: number; readonly writes: number }
  /** How instances heard of one another's changes. */
  readonly coherence: { readonly hints: number; readonly gaps: number; readonly follows: number }
  readonly tierFailures: number
  /** Changes that wait for the source, and those that it refused; the same for all instances. */
  readonly queue: { readonly waiting: number; readonly deadLetters: number }
}

/** Of `/status`; what is not looked at is left out. */
interface InstanceStatus {
  readonly sourceCalls: ShopStatus['source']
  readonly following: ShopStatus['coherence']
  readonly tierFailures: number
  readonly queue?: ShopStatus['queue']
}

export async function shopStatus(addresses: readonly string[]): Promise<ShopStatus> {
  const all = await Promise.all(addresses.map(instanceStatus))
  const sum = (count: (status: InstanceStatus) => number): number =>
    all.reduce((total, status) => total + count(status), 0)
  return {
    source: {
      reads: sum(({ sourceCalls }) => sourceCalls.reads),
      writes: sum(({ sourceCalls }) => sourceCalls.writes),
    },
    coherence: {
      hints: sum(({ following }) => following.hints),
      gaps: sum(({ following }) => following.gaps),
      follows: sum(({ following }) => following.follows),
    },
    tierFailures: sum(({ tierFailures }) => tierFailures),
    queue: all[0]?.queue ?? { waiting: 0, deadLetters: 0 },
  }
}

const LOOKS = 300
const BETWEEN_LOOKS_MS = 100

/** The status when no change waits for the source any more. @throws Error after 30 s. */
export async function drainedStatus(addresses: readonly string[]): Promise<ShopStatus> {
  for (let look = 1; ; look += 1) {
    const status = await shopStatus(addresses)
    if (status.queue.waiting === 0) return status
    if (look === LOOKS)
      throw new Error(`${status.queue.waiting} changes still wait for the source.`)
    await pause(BETWEEN_LOOKS_MS)
  }
}

async function instanceStatus(address: string): Promise<InstanceStatus> {
  const response = await fetch(`${address}/status`)
  if (!response.ok) throw new Error(`${address}/status answered ${response.status}.`)
  return (await response.json()) as InstanceStatus
}
