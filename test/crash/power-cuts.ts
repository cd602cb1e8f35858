/**
 * Power cuts of what keeps the writes: nothing that was acknowledged as `fsynced` may be gone, and
 * without syncing something must be, or the cuts are none.
 *
 * The database stands elsewhere, with its power on.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { startRedis } from '../servers/start-redis.ts'
import { Crew } from './crew.ts'
import { judge, type Verdict } from './judge.ts'
import { LedgerFile } from './ledger-file.ts'
import type { TierPlace } from './messages.ts'
import { PowerFileSystem, whyNoPowerCuts } from './power-file-system.ts'
import { readLedger } from './read-ledger.ts'
import type { Appendfsync } from './site.ts'
import { SqliteFileDatabase } from './sqlite-file-database.ts'

export interface PowerOutcome {
  readonly text: string
  readonly isAsItMustBe: boolean
}

export interface PowerPlan {
  /** Of each journal. */
  readonly cuts: number
  readonly on: 'redis' | 'sqlite' | 'both'
  readonly seed: number
  readonly progress: (line: string) => void
}

/** What keeps the writes, in a folder whose power is cut. */
interface Journal extends AsyncDisposable {
  readonly tier: TierPlace
  /** Its processes are gone then, and nothing of it is open. */
  end(): Promise<void>
  start(): Promise<void>
}

interface Case {
  readonly name: string
  readonly isSynced: boolean
  readonly open: (folder: string) => Promise<Journal>
}

/** A control loses at most cuts, not at each: what has reached the database is out of their reach. */
const CONTROL_CUTS = 5
const LOAD_MS = 700
const CREW = ['writer', 'writer', 'owner'] as const
const WRITES = 16

const cases: Readonly<Record<'redis' | 'sqlite', readonly Case[]>> = {
  redis: [
    { name: 'Redis, appendfsync always', isSynced: true, open: redisJournal('always') },
    { name: 'Redis, appendfsync no', isSynced: false, open: redisJournal('no') },
  ],
  sqlite: [
    { name: 'SQLite, as the tier opens it', isSynced: true, open: fileJournal('as the tier says') },
    { name: 'SQLite, synchronous OFF', isSynced: false, open: fileJournal('off') },
  ],
}

/** A text: why there were none. */
export async function cutPower(plan: PowerPlan): Promise<readonly PowerOutcome[] | string> {
  if (plan.cuts === 0) return 'Power cuts: none, since none were asked for (--power N).'
  const why = whyNoPowerCuts()
  if (why !== undefined) return `Power cuts: not done: ${why}.`
  const chosen = (['redis', 'sqlite'] as const).filter(
    (one) => plan.on === 'both' || plan.on === one,
  )
  const outcomes: PowerOutcome[] = []
  for (const one of chosen.flatMap((name) => cases[name])) {
    const cuts = one.isSynced ? plan.cuts : CONTROL_CUTS
    const verdict = await cutAll(one, { ...plan, cuts })
    outcomes.push(outcomeOf(one, cuts, verdict))
  }
  return outcomes
}

function outcomeOf({ name, isSynced }: Case, cuts: number, verdict: Verdict): PowerOutcome {
  const { lost, rolledBack, outOfOrder, unknown, acknowledged, findings } = verdict
  const gone = lost + rolledBack
  const isAsItMustBe = isSynced ? gone + outOfOrder + unknown === 0 : gone > 0
  const words = isSynced ? 'lost' : isAsItMustBe ? 'lost, as it must be' : 'lost: NOT SEEN'
  const first = isSynced ? findings.map((finding) => `\n${finding}`).join('') : ''
  return {
    isAsItMustBe,
    text: `Power cuts, ${name}: ${cuts} cuts, ${acknowledged} writes acknowledged, ${gone} ${words}.${first}`,
  }
}

async function cutAll(
  { name, isSynced, open }: Case,
  { cuts, seed, progress }: PowerPlan,
): Promise<Verdict> {
  using disk = new PowerFileSystem()
  const folder = mkdtempSync(join(tmpdir(), 'crash-power-'))
  await using journal = await open(disk.path)
  await using database = new SqliteFileDatabase(join(folder, 'database.db'))
  const ledger = await LedgerFile.create(join(folder, 'ledger'))
  const troubles: string[] = []
  const plans = CREW.map((role) => ({
    tier: journal.tier,
    database: database.place,
    role,
    writes: WRITES,
    planted: 'none' as const,
  }))
  const random = new SeededRandom(seed)
  const trouble = (text: string): void => void troubles.push(text)
  const crew = await Crew.start({ name: 'p', plans, ledger, random, trouble })
  try {
    for (let cut = 1; cut <= cuts; cut += 1) {
      await crew.traffic(true)
      await pause(LOAD_MS * (0.5 + random.next()))
      disk.cut()
      await Promise.all([crew.kill9(crew.workers), journal.end()])
      disk.remount()
      await journal.start()
      await crew.replace()
      progress(`${name}: power cut ${cut} of ${cuts}; ${ledger.acknowledged} acknowledged`)
    }
    await crew.traffic(false)
    const problem = await crew.workers[0]?.order({ kind: 'flush' })
    if (problem !== undefined && isSynced) throw new Error(`${name}: ${problem}`)
    crew.kill()
    await Promise.all(crew.workers.map((worker) => worker.gone()))
    await ledger.close()
    return judge(readLedger(readFileSync(ledger.path, 'utf8')), await database.read())
  } finally {
    crew.kill()
    await Promise.all(crew.workers.map((worker) => worker.gone()))
    for (const text of troubles) progress(text)
    rmSync(folder, { recursive: true, force: true })
  }
}

function redisJournal(appendfsync: Appendfsync): Case['open'] {
  return async (dir) => {
    const server = await startRedis({ config: { dir, appendonly: 'yes', appendfsync } })
    return {
      tier: { kind: 'redis', port: server.port },
      end: () => server.kill9(),
      start: async () => void (await server.start()),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    }
  }
}

/** It has no process but the workers. */
function fileJournal(disk: 'as the tier says' | 'off'): Case['open'] {
  return async (folder) => ({
    tier: { kind: 'sqlite', path: join(folder, 'cache.db'), disk },
    end: async () => {},
    start: async () => {},
    async [Symbol.asyncDispose]() {},
  })
}
