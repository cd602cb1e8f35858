/**
 * Faults that are planted, one at a time, in what stands between the cache and its servers. Each must be
 * seen by the judge in every run, or the run shows nothing.
 */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { until } from '../servers/until.ts'
import { slotOf } from './campaign.ts'
import { Crew } from './crew.ts'
import { judge, type Verdict } from './judge.ts'
import { LedgerFile } from './ledger-file.ts'
import type { Planted } from './messages.ts'
import { HELD_KEY } from './open-stores.ts'
import { readLedger } from './read-ledger.ts'
import type { Site } from './site.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface ControlOutcome {
  readonly name: string
  readonly isCaught: boolean
  readonly verdict: Verdict
}

interface Control {
  readonly planted: Exclude<Planted, 'none'>
  readonly play: (worker: WorkerProcess) => Promise<void>
  /** Which finding it must be. */
  readonly seen: (verdict: Verdict) => number
}

const STEADY_MS = 30_000

const controls: readonly Control[] = [
  {
    planted: 'acknowledges before the script answered',
    async play(worker) {
      for (let key = 0; key < 20; key += 1) await worker.order({ kind: 'put', key: `c${key}` })
      worker.kill9()
    },
    seen: ({ lost }) => lost,
  },
  {
    planted: 'settles before the store answered',
    async play(worker) {
      await worker.order({ kind: 'put', key: 'c1' })
      // The tier has heard that it is stored, which it is not yet.
      await worker.order({ kind: 'flush' })
      worker.kill9()
    },
    seen: ({ lost }) => lost,
  },
  {
    planted: 'store without versions',
    async play(worker) {
      const before = worker.calls
      await worker.order({ kind: 'put', key: HELD_KEY })
      const asked = (): boolean => worker.calls > before
      await until('the first is on its way', asked, { withinMs: STEADY_MS, everyMs: 1 })
      await worker.order({ kind: 'put', key: HELD_KEY })
      await worker.order({ kind: 'flush' })
      // The first arrives after the second was stored, long after it was given up.
      const none = (): boolean => worker.openCalls.size === 0
      await until('all calls have ended', none, { withinMs: STEADY_MS })
    },
    seen: ({ rolledBack }) => rolledBack,
  },
]

/** On set-ups of their own, at the same time. */
export async function playControls(
  open: () => Promise<Site>,
  seed: number,
): Promise<readonly ControlOutcome[]> {
  return await Promise.all(controls.map((control) => playControl(open, control, seed)))
}

async function playControl(
  open: () => Promise<Site>,
  { planted, play, seen }: Control,
  seed: number,
): Promise<ControlOutcome> {
  await using site = await open()
  const folder = mkdtempSync(join(tmpdir(), 'crash-control-'))
  const ledger = await LedgerFile.create(join(folder, 'ledger'))
  const troubles: string[] = []
  const random = new SeededRandom(seed)
  const parts = { ledger, random, trouble: (text: string) => void troubles.push(text) }
  const plans = [slotOf(site, 'writer', { planted })]
  const crew = await Crew.start({ name: 'faulty', plans, ...parts })
  try {
    const [worker] = crew.workers
    if (worker === undefined) throw new Error('There is no worker.')
    await play(worker)
    crew.kill()
    await worker.gone()
    // Whatever the tier still knows of reaches the database: what is missing then is lost.
    const heir = await Crew.start({ name: 'heir', plans: [slotOf(site, 'owner')], ...parts })
    try {
      const problem = await heir.workers[0]?.order({ kind: 'flush' })
      if (problem !== undefined) throw new Error(`${planted}: ${problem}`)
    } finally {
      heir.kill()
    }
    await ledger.close()
    const verdict = judge(readLedger(readFileSync(ledger.path, 'utf8')), await site.database.read())
    return { name: `${site.name}, ${planted}`, isCaught: seen(verdict) > 0, verdict }
  } finally {
    crew.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}
