/** A service of two instances: one writes, here, and both bring what waits to the source. */

import { type BehindInstance, openBehind } from '../subjects/writes/behind-instance.ts'
import type { BehindPlace, Drained } from '../subjects/writes/behind-place.ts'
import { RemoteProcess } from './remote-process.ts'

const child = new URL('./drainer-child.ts', import.meta.url)

export interface BehindService extends Pick<BehindInstance, 'write' | 'settle'> {
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
  return {
    write: here.write,
    settle: here.settle,
    drained: async () => {
      const [one, other] = [here.drained(), await there.ask<Drained>({ ask: 'drained' })]
      return {
        statements: one.statements + other.statements,
        rows: one.rows + other.rows,
        lastAt: Math.max(one.lastAt, other.lastAt),
      }
    },
  }
}
