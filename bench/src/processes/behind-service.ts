/** A service of two instances: one writes, here, and both bring what waits to the source. */

import { type BehindInstance, openBehind } from '../subjects/writes/behind-instance.ts'
import type { BehindPlace, Drained } from '../subjects/writes/behind-place.ts'
import type { DrainerQuestion } from './drainer-question.ts'
import { RemoteProcess } from './remote-process.ts'

const child = new URL('./drainer-child.ts', import.meta.url)

export interface BehindService extends Pick<BehindInstance, 'write'> {
  /**
   * Everything that waits is in the source then. Both instances are told, so that no shard waits for
   * the next look of the instance that drains it.
   */
  readonly settle: () => Promise<void>
  /** By both instances, since they were opened. */
  readonly drained: () => Promise<Drained>
}

/** `open` closes both. */
export async function openBehindService(
  place: BehindPlace,
  open: AsyncDisposableStack,
): Promise<BehindService> {
  const here = await openBehind(place)
  open.defer(() => here.close())
  const there = open.use(await RemoteProcess.start(child, [JSON.stringify(place)]))
  const ask = <A>(question: DrainerQuestion): Promise<A> => there.ask<A>(question)
  return {
    write: here.write,
    settle: async () => {
      await Promise.all([here.settle(), ask({ ask: 'settle' })])
    },
    drained: async () => {
      const [one, other] = [here.drained(), await ask<Drained>({ ask: 'drained' })]
      return {
        statements: one.statements + other.statements,
        rows: one.rows + other.rows,
        lastAt: Math.max(one.lastAt, other.lastAt),
      }
    },
  }
}
