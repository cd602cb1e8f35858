/** `write`: acknowledged by Redis and drained into PostgreSQL, beside bare upserts into PostgreSQL. */

import type { Measurement } from '../measure/contestant.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { openBehindService } from '../processes/behind-service.ts'
import { startPostgres } from '../servers/start-postgres.ts'
import { type AppendFsync, startRedis } from '../servers/start-redis.ts'
import { openBareUpserts } from '../subjects/writes/bare-upserts.ts'
import { driverNames } from '../subjects/writes/postgres-driver.ts'
import { openRawAppends } from '../subjects/writes/raw-appends.ts'
import type { MeasureSettings } from './measure-settings.ts'
import {
  manyCallers,
  type TimedWriter,
  type WriteLane,
  writeRows,
  writeTaker,
  writeTurns,
} from './write-turns.ts'

const fsyncs: readonly AppendFsync[] = ['everysec', 'always']
const durabilities = { everysec: 'appended', always: 'fsynced' } as const
/** Of bare upserts; fewer than the callers, as in a service. */
const connections = 10
const bareCallers = [10, 100]

/** No rows where PostgreSQL is not installed. */
export async function writeRedis(settings: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const postgres = await startPostgres()
  if (postgres === undefined) return []
  const { url } = open.use(postgres)
  const writers: TimedWriter[] = []
  for (const name of driverNames) {
    const table = `bare_${driverNames.indexOf(name)}`
    const bare = await openBareUpserts(url, { name, table, connections })
    open.defer(bare.close)
    for (const callers of bareCallers) {
      const label = `${name} upsert, ${callers} callers`
      writers.push({ name: label, role: 'peer', callers, write: bare.write })
    }
  }
  const rows: { readonly lane: WriteLane; readonly ours: string; readonly limit: string }[] = []
  for (const fsync of fsyncs) {
    const { port } = open.use(await startRedis(fsync))
    const raw = openRawAppends(port)
    open.defer(raw.close)
    const limit = `XADD, ${fsync}`
    writers.push({ name: limit, role: 'limit', callers: manyCallers, write: raw.write })
    for (const driver of driverNames) {
      const label = `Redis ${fsync}, ${driver}`
      const place = {
        name: `behind_${fsync}_${driverNames.indexOf(driver)}`,
        delay: '1s',
        at: { kind: 'redis', port, url, driver, durability: durabilities[fsync] },
      } as const
      const service = await openBehindService(place, open)
      writers.push({
        name: label,
        role: 'ours',
        callers: manyCallers,
        write: service.write,
        service,
      })
      rows.push({ lane: { kept: fsync, driver }, ours: label, limit })
    }
  }
  const takers = writers.map((writer) => writeTaker(writer, settings))
  const series = await takeTurns(takers, { ...writeTurns, rounds: settings.rounds })
  return rows.flatMap(({ lane, ...names }) => writeRows(lane, names, series))
}
