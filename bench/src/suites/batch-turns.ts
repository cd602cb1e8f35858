/**
 * `batch`: how long a batch of very many keys keeps everybody else waiting: the longest turn of the event
 * loop while it is under way, beside that of an idle process.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Measurement, Role } from '../measure/contestant.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { startRedis } from '../servers/start-redis.ts'
import { item } from '../subjects/item.ts'
import { longestTurn } from './longest-turn.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { clientLibraries, openRedisLanes, rowsByLibrary } from './redis-lanes.ts'

const cases = ['setMany', 'getMany'] as const

/** As many keys as the settings say; a hundred thousand in a run that counts. */
export async function batchTurns({
  keys: count,
  rounds,
  passMs,
}: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const keys = [...items.keys()]
  const taker = (
    name: string,
    role: Role,
    work: readonly (() => Promise<unknown>)[],
  ): TurnTaker => ({
    name,
    role,
    turn: async () => {
      const turns: number[] = []
      for (const one of work) turns.push(await longestTurn(one))
      return turns
    },
  })
  const { lanes } = await openRedisLanes(port, open)
  const takers = lanes.map(({ role, subject }) =>
    taker(subject.name, role, [() => subject.setMany(items), () => subject.getMany(keys)]),
  )
  const idle = (): Promise<void> => pause(passMs)
  for (const library of clientLibraries)
    takers.push(taker(`idle ${library}`, 'limit', [idle, idle]))
  const series = await takeTurns(takers, { rounds, warmUps: 1, cases: cases.length })
  return cases.flatMap((name, at) =>
    rowsByLibrary(
      {
        suite: 'batch',
        case: `longest turn, ${name} of ${count} keys`,
        unit: 'ms',
        better: 'lower',
      },
      series[at] ?? [],
    ),
  )
}
