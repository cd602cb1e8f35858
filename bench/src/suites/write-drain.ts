/** `write`: how fast a backlog reaches the source, beside bare batches of the same size. */

import type { Measurement, Role } from '../measure/contestant.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { openBehindService } from '../processes/behind-service.ts'
import { hostNow } from '../processes/host-clock.ts'
import { startPostgres } from '../servers/start-postgres.ts'
import { startRedis } from '../servers/start-redis.ts'
import { openBareSqlite } from '../subjects/writes/bare-sqlite.ts'
import { openBareUpserts } from '../subjects/writes/bare-upserts.ts'
import { drainConnections } from '../subjects/writes/behind-instance.ts'
import { type BehindPlace, batch } from '../subjects/writes/behind-place.ts'
import { type DriverName, driverNames } from '../subjects/writes/postgres-driver.ts'
import { changedItem } from '../subjects/writes/written-table.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { laneSuffix, manyCallers, type WriteLane } from './write-turns.ts'

/** Nothing becomes due by itself: the backlog stands until it is asked for. */
const delay = '1h'
const singleCallers = 10

/** As many rows as the settings have keys, each key once. */
export async function writeDrain({ keys: count, rounds }: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const measured = async (lane: WriteLane, takers: readonly TurnTaker[]): Promise<Measurement> => {
    const [series = []] = await takeTurns(takers, { rounds, warmUps: 1, cases: 1 })
    const name = `drain${laneSuffix(lane)}`
    return { suite: 'write', case: name, unit: 'rows/s', better: 'higher', series }
  }
  const measurements: Measurement[] = []
  const postgres = await startPostgres()
  if (postgres !== undefined) {
    const { url } = open.use(postgres)
    const { port } = open.use(await startRedis('everysec'))
    for (const driver of driverNames) {
      const name = `drain_${driverNames.indexOf(driver)}`
      const at = { kind: 'redis', port, url, driver, durability: 'appended' } as const
      const ours = await drainTaker({ name, delay, at }, count, open)
      const bare = await bareTakers({ url, driver, count }, open)
      measurements.push(await measured({ kept: 'everysec', driver }, [ours, ...bare]))
    }
  }
  const { path: folder } = open.use(await temporaryFolder())
  const place: BehindPlace = { name: 'drain', delay, at: { kind: 'sqlite', folder } }
  const ours = await drainTaker(place, count, open)
  measurements.push(
    await measured({ kept: 'sqlite' }, [ours, ...sqliteTakers({ folder, count }, open)]),
  )
  return measurements
}

/** The time from the calls of `flush` to the last answer of the store, in either process. */
async function drainTaker(
  place: BehindPlace,
  count: number,
  open: AsyncDisposableStack,
): Promise<TurnTaker> {
  const service = await openBehindService(place, open)
  const turn = async (round: number): Promise<readonly number[]> => {
    await byCallers(manyCallers, count, (id) => service.write(id, round))
    const before = await service.drained()
    const startedAt = hostNow()
    await service.settle()
    const after = await service.drained()
    const rows = after.rows - before.rows
    if (rows < count) throw new Error(`${place.name}: ${rows} of ${count} rows were drained.`)
    return [(rows * 1000) / (after.lastAt - startedAt)]
  }
  return { name: 'tiercel', role: 'ours', turn }
}

async function bareTakers(
  { url, driver, count }: { url: string; driver: DriverName; count: number },
  open: AsyncDisposableStack,
): Promise<readonly TurnTaker[]> {
  const options = {
    name: driver,
    table: `bare_drain_${driverNames.indexOf(driver)}`,
    connections: singleCallers,
  }
  const bare = await openBareUpserts(url, options)
  open.defer(bare.close)
  const batches = (callers: number) => (round: number) =>
    byCallers(callers, Math.ceil(count / batch), (at) => bare.writeAll(batchOf(at, count, round)))
  return [
    timedRows(`unnest, ${drainConnections} connections`, 'limit', {
      count,
      work: batches(drainConnections),
    }),
    timedRows('unnest, 1 connection', 'peer', { count, work: batches(1) }),
    timedRows(`upsert, ${singleCallers} callers`, 'peer', {
      count,
      work: (round) => byCallers(singleCallers, count, (id) => bare.write(id, round)),
    }),
  ]
}

function sqliteTakers(
  { folder, count }: { folder: string; count: number },
  open: AsyncDisposableStack,
): readonly TurnTaker[] {
  const bare = openBareSqlite(folder)
  open.defer(bare.close)
  const batches = async (round: number): Promise<void> => {
    for (let at = 0; at * batch < count; at += 1) bare.writeAll(batchOf(at, count, round))
  }
  const alone = (round: number): Promise<void> => byCallers(1, count, (id) => bare.alone(id, round))
  return [
    timedRows('one commit a batch', 'limit', { count, work: batches }),
    timedRows('commit per write', 'peer', { count, work: alone }),
  ]
}

function timedRows(
  name: string,
  role: Role,
  { count, work }: { count: number; work: (round: number) => Promise<void> },
): TurnTaker {
  const turn = async (round: number): Promise<readonly number[]> => {
    const startedAt = performance.now()
    await work(round)
    return [(count * 1000) / (performance.now() - startedAt)]
  }
  return { name, role, turn }
}

/** The `at`-th of the batches of `count` records. */
function batchOf(at: number, count: number, round: number) {
  const first = at * batch
  const length = Math.min(batch, count - first)
  return Array.from({ length }, (_, place) => changedItem(first + place, round))
}

/** Calls for 0 to `count` - 1, by so many callers at once. */
async function byCallers(
  callers: number,
  count: number,
  call: (at: number) => Promise<unknown>,
): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    while (next < count) {
      const at = next
      next += 1
      await call(at)
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
}
