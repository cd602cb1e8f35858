/** `write`: acknowledged by an SQLite file and drained into another, beside a commit for each write. */

import type { Measurement } from '../measure/contestant.ts'
import { takeTurns } from '../measure/take-turns.ts'
import { temporaryFolder } from '../measure/temporary-folder.ts'
import { openBehindService } from '../processes/behind-service.ts'
import { openBareSqlite } from '../subjects/writes/bare-sqlite.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { manyCallers, type TimedWriter, writeRows, writeTaker, writeTurns } from './write-turns.ts'

export async function writeSqlite(settings: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { path: folder } = open.use(await temporaryFolder())
  const bare = openBareSqlite(folder)
  open.defer(bare.close)
  const service = await openBehindService(
    { name: 'behind_sqlite', delay: '1s', at: { kind: 'sqlite', folder } },
    open,
  )
  const ours = 'SQLite'
  const limit = 'one commit a tick'
  const callers = manyCallers
  const writers: TimedWriter[] = [
    { name: 'commit per write', role: 'peer', callers, write: bare.alone },
    { name: limit, role: 'limit', callers, write: bare.together },
    { name: ours, role: 'ours', callers, write: service.write, service },
  ]
  const takers = writers.map((writer) => writeTaker(writer, settings))
  const series = await takeTurns(takers, { ...writeTurns, rounds: settings.rounds })
  return writeRows({ kept: 'sqlite' }, { ours, limit }, series)
}
