/** Kills on one set-up under load, and the judgement at the end of it. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { monotonicMs } from '../faults/monotonic-ms.ts'
import { Crew, type SlotPlan } from './crew.ts'
import { judge, type Verdict } from './judge.ts'
import { LedgerFile } from './ledger-file.ts'
import { type Ledger, readLedger } from './read-ledger.ts'
import type { Site } from './site.ts'
import type { Strike } from './strikes.ts'

export interface CampaignPlan<S extends Site> {
  readonly site: S
  readonly strikes: readonly Strike<S>[]
  readonly kills: number
  readonly seed: number
  /** Of the acknowledgements: what they must say, or the run says nothing. */
  readonly durability: string
  /** A kill of what keeps the writes may take what was acknowledged so long before. */
  readonly mayLoseMs?: number
  /** One worker each. @default three writers and one that only carries out what they write */
  readonly roles?: readonly SlotPlan['role'][]
  /** Under way at once, of each writer. @default 16 */
  readonly writes?: number
  readonly progress: (line: string) => void
}

export interface Outcome {
  readonly site: string
  readonly seconds: number
  readonly kills: number
  readonly killsInFlight: number
  readonly kinds: ReadonlyMap<string, number>
  readonly durability: string
  readonly verdict: Verdict
  /** Of a level that may lose what was acknowledged shortly before Redis fell. */
  readonly declared: DeclaredLoss | undefined
  readonly troubles: readonly string[]
}

export interface DeclaredLoss {
  /** Acknowledged within the time that the level allows, before a kill. */
  readonly atRisk: number
  /** Of these. */
  readonly lost: number
}

/** Between two kills there is load, for at most so long. */
const CALM_MS = 900
/** Some workers only carry out what the others write. */
const ROLES = ['writer', 'writer', 'writer', 'owner'] as const
const DEFAULT_WRITES = 16
/** An acknowledgement reaches the judge so long after it was given, at most. */
const HEARD_MS = 200
/** What only stops something takes long: once in so many kills. */
const STOP_EVERY = 30

export async function runCampaign<S extends Site>(plan: CampaignPlan<S>): Promise<Outcome> {
  const { site, seed } = plan
  const startedAt = monotonicMs()
  const random = new SeededRandom(seed)
  const folder = mkdtempSync(join(tmpdir(), 'crash-ledger-'))
  const ledger = await LedgerFile.create(join(folder, 'ledger'))
  const troubles: string[] = []
  const trouble = (text: string): void => void troubles.push(`${site.name}: ${text}`)
  const plans = (plan.roles ?? ROLES).map((role) =>
    slotOf(site, role, { writes: plan.writes ?? DEFAULT_WRITES }),
  )
  const crew = await Crew.start({ name: 'w', plans, ledger, random, trouble })
  const kinds = new Map<string, number>()
  const falls: number[] = []
  try {
    const [durability = ''] = new Set(crew.workers.map((worker) => worker.durability))
    if (durability !== plan.durability) trouble(`Acknowledged as ${durability}.`)
    await crew.traffic(true)
    const tierFell = (): void => void falls.push(monotonicMs())
    const kills = await strikeAll(plan, { site, crew, random, tierFell, kinds, ledger })
    for (const problem of await crew.traffic(false)) trouble(problem)
    plan.progress(`${site.name}: all is brought to the database.`)
    const problem = await crew.workers[0]?.order({ kind: 'flush' })
    if (problem !== undefined) trouble(`Not everything was brought to the database: ${problem}`)
    await crew.close()
    await ledger.close()
    const told = readLedger(readFileSync(ledger.path, 'utf8'))
    const seconds = (monotonicMs() - startedAt) / 1000
    const judged = await verdictOf(plan, told, falls)
    return { site: site.name, seconds, ...kills, kinds, durability, ...judged, troubles }
  } finally {
    crew.kill()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function verdictOf<S extends Site>(
  { site, mayLoseMs }: CampaignPlan<S>,
  told: Ledger,
  falls: readonly number[],
): Promise<Pick<Outcome, 'verdict' | 'declared'>> {
  const state = await site.database.read()
  if (mayLoseMs === undefined) return { verdict: judge(told, state), declared: undefined }
  const mayBeLost = (at: number): boolean =>
    falls.some((fell) => at <= fell + HEARD_MS && at >= fell - mayLoseMs)
  const strict = judge(told, state)
  const verdict = judge(told, state, { mayBeLost })
  const { acknowledged, inDoubt } = strict
  const declared = {
    atRisk: acknowledged - verdict.acknowledged,
    lost: strict.lost + strict.rolledBack - verdict.lost - verdict.rolledBack,
  }
  return { verdict: { ...verdict, acknowledged, inDoubt }, declared }
}

export function slotOf(site: Site, role: SlotPlan['role'], rest: Partial<SlotPlan> = {}): SlotPlan {
  return {
    tier: site.tier,
    database: site.database.place,
    role,
    planted: 'none',
    writes: 1,
    ...rest,
  }
}

type StrikeParts<S extends Site> = Parameters<Strike<S>['run']>[0] & {
  readonly kinds: Map<string, number>
  readonly ledger: LedgerFile
}

async function strikeAll<S extends Site>(
  { kills, strikes, progress }: CampaignPlan<S>,
  parts: StrikeParts<S>,
): Promise<{ readonly kills: number; readonly killsInFlight: number }> {
  const { crew, random, kinds, ledger, site } = parts
  let landed = 0
  let inFlight = 0
  for (const strike of orderOf(strikes, kills, random)) {
    await pause(CALM_MS * (0.3 + 0.7 * random.next()))
    const found = await strike.run(parts)
    await crew.replace()
    kinds.set(strike.name, (kinds.get(strike.name) ?? 0) + 1)
    if (strike.kills) {
      landed += 1
      if (found.writes + found.calls > 0) inFlight += 1
    }
    const { acknowledged } = ledger
    progress(
      `${site.name}: ${landed}/${kills} ${strike.name}, ${found.writes} writes and ${found.calls} calls of the store under way; ${acknowledged} acknowledged`,
    )
  }
  return { kills: landed, killsInFlight: inFlight }
}

/** Each kind as often as its weight says, mixed; what only stops something now and then. */
function orderOf<S extends Site>(
  strikes: readonly Strike<S>[],
  kills: number,
  random: SeededRandom,
): readonly Strike<S>[] {
  const killing = strikes.filter((strike) => strike.kills)
  const stopping = strikes.filter((strike) => !strike.kills)
  const order: Strike<S>[] = []
  let pool: Strike<S>[] = []
  // A short run sees each kind once before any comes again.
  const first = [...killing]
  for (let landed = 0; landed < kills; landed += 1) {
    if (pool.length === 0) pool = first.length > 0 ? first.splice(0) : weighted(killing)
    order.push(...pool.splice(random.below(pool.length), 1))
    if ((landed + 1) % STOP_EVERY !== 0) continue
    order.push(...stopping.slice(0).splice(order.length % stopping.length, 1))
  }
  return order
}

function weighted<S extends Site>(strikes: readonly Strike<S>[]): Strike<S>[] {
  return strikes.flatMap((strike) => Array.from({ length: strike.weight }, () => strike))
}
