/** What writes that wait for the source survive on a server, by its settings, and what was asked for. */

import { ConfigError } from '../contracts/errors.ts'
import type { Durability } from '../contracts/pending-steps.ts'
import type { NodeFacts } from './connection/read-node-facts.ts'

const LEVELS = ['memory', 'appended', 'fsynced'] as const
const REPLICATED = /^replicated\(([1-9]\d{0,2})\)$/

/** @throws ConfigError */
export function checkDurability(asked: unknown): Durability {
  const known: readonly unknown[] = LEVELS
  if (known.includes(asked) || (typeof asked === 'string' && REPLICATED.test(asked))) {
    return asked as Durability
  }
  throw new ConfigError({
    field: 'durability',
    expected: "'memory', 'appended', 'fsynced', or 'replicated(n)' with n from 1 to 999",
    actual: asked,
  })
}

/** 0: none are asked for. */
export function replicasOf(asked: Durability): number {
  return Number(REPLICATED.exec(asked)?.[1] ?? 0)
}

/** By the weakest of the servers. What is not known of a server is not claimed. */
export function reachedBy(all: readonly NodeFacts[]): (typeof LEVELS)[number] {
  if (all.length === 0 || all.some(({ appendOnly }) => appendOnly !== true)) return 'memory'
  const isFsynced = all.every(
    ({ appendFsync, noAppendFsyncOnRewrite }) =>
      appendFsync === 'always' && noAppendFsyncOnRewrite === false,
  )
  return isFsynced ? 'fsynced' : 'appended'
}

/** Why the servers cannot do what was asked for; `undefined`: they can. */
export function unreached(asked: Durability, all: readonly NodeFacts[]): ConfigError | undefined {
  const wanted = replicasOf(asked)
  if (wanted > 0) {
    const least = Math.min(...all.map(({ replicas = 0 }) => replicas))
    if (least >= wanted) return undefined
    return refuse(asked, `${least} replicas are connected`, CURES.replicated)
  }
  const reached = reachedBy(all)
  const level = asked as (typeof LEVELS)[number]
  if (LEVELS.indexOf(reached) >= LEVELS.indexOf(level)) return undefined
  return refuse(asked, `the settings of the server reach \`${reached}\``, CURES[level])
}

const CURES = {
  memory: '',
  appended: 'Set `appendonly yes`, or ask for less.',
  fsynced:
    'Set `appendonly yes`, `appendfsync always` and `no-appendfsync-on-rewrite no`, or ask for less.',
  replicated: 'Connect as many replicas, or ask for less.',
} as const

function refuse(asked: Durability, why: string, cure: string): ConfigError {
  return new ConfigError({
    field: 'durability',
    expected: `one that the server reaches: ${why}`,
    actual: asked,
    cure,
  })
}
