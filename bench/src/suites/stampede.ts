/** `stampede`: many callers in several processes ask for a key that nobody has. */

import type { Measurement } from '../measure/contestant.ts'
import { quantile } from '../measure/quantile.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import type { AskerAnswer, AskerQuestion } from '../processes/asker-question.ts'
import { hostNow } from '../processes/host-clock.ts'
import { RemoteProcess } from '../processes/remote-process.ts'
import { startRedis } from '../servers/start-redis.ts'
import { loadingEntrants } from '../subjects/redis/loading-subjects.ts'
import type { MeasureSettings } from './measure-settings.ts'

const processCount = 4
/** By then the question has reached all of them. */
const leadMs = 50
const child = new URL('../processes/asker-child.ts', import.meta.url)

/** `keys` of the settings are the callers in each process. */
export async function stampede({ keys: callers, rounds }: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const starting = Array.from({ length: processCount }, () =>
    RemoteProcess.start(child, [`${port}`]),
  )
  const processes = (await Promise.all(starting)).map((process) => open.use(process))
  const takers = Object.entries(loadingEntrants).map(
    ([name, { role }]): TurnTaker => ({
      name,
      role,
      turn: async (round) => {
        const key = `stampede:${name}:${round}`
        const question: AskerQuestion = { subject: name, key, callers, at: hostNow() + leadMs }
        const answers = await Promise.all(processes.map((each) => each.ask<AskerAnswer>(question)))
        const waits = answers.flatMap(({ waitsMs }) => waitsMs).toSorted((a, b) => a - b)
        return [answers.reduce((sum, { loads }) => sum + loads, 0), quantile(waits, 0.99)]
      },
    }),
  )
  const [loads = [], p99 = []] = await takeTurns(takers, { rounds, warmUps: 2, cases: 2 })
  const shared = { suite: 'stampede', better: 'lower' } as const
  return [
    { ...shared, case: `loader calls, ${processCount} processes`, unit: 'loads', series: loads },
    { ...shared, case: 'wait p99', unit: 'ms', series: p99 },
  ]
}
