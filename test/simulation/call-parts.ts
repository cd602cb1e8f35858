/** What the calls of a simulated workload have in common. */

import type { VersionToken } from '../../src/contracts/options.ts'
import type { CleanUpJudge } from './clean-up-judge.ts'
import type { Database } from './database.ts'
import type { Instance } from './instance.ts'
import type { Judge } from './judge.ts'
import type { SimulatedKey } from './keys.ts'
import type { LoadJudge } from './load-judge.ts'
import type { Network } from './network.ts'
import type { QueueJudge } from './queue-judge.ts'
import type { Setting } from './setting.ts'
import type { Tally } from './tally.ts'
import type { Tokens } from './tokens.ts'

export interface CallParts {
  readonly network: Network
  readonly database: Database
  readonly judge: Judge
  readonly queueJudge: QueueJudge
  readonly cleanUpJudge: CleanUpJudge | undefined
  readonly loadJudge: LoadJudge | undefined
  readonly tally: Tally
  readonly setting: Setting
  readonly keys: readonly SimulatedKey[]
  readonly tokens: Tokens
  readonly instances: () => readonly Instance[]
  /** Never dies; what other programs write is told through it. */
  readonly witness: () => Instance
  /** Called with a few words for each state that was met. */
  readonly met: (state: string) => void
}

/** An instance was told that its write is done. */
export function noteWrite(
  { judge, tokens }: CallParts,
  instance: Instance,
  what: { readonly key: string; readonly version: number; readonly token: VersionToken },
): void {
  const { key, version } = what
  if (judge.isOlder(key, instance.own.get(key), version)) instance.own.set(key, version)
  tokens.add(what)
}
