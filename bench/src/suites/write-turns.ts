/** One turn of a writer: acknowledged writes a second, statements a write, and waits at a fixed pace. */

import type { Measurement, Role, Series } from '../measure/contestant.ts'
import { callRate, pacedWaits } from '../measure/many-callers.ts'
import { quantile } from '../measure/quantile.ts'
import type { TurnTaker } from '../measure/take-turns.ts'
import type { BehindService } from '../processes/behind-service.ts'
import { batch } from '../subjects/writes/behind-place.ts'
import { type DriverName, driverNames } from '../subjects/writes/postgres-driver.ts'
import type { Writer } from '../subjects/writes/writer.ts'
import { seededRandom } from '../traces/seeded-random.ts'
import { zipfRanks } from '../traces/zipf-ranks.ts'
import type { MeasureSettings } from './measure-settings.ts'

/** Of ours, and of the limits. */
export const manyCallers = 100
/** Writes a second where waits are measured. */
const pace = 10_000
/** By then the first writes are due, and draining goes on beside those that are timed. */
const drainedFromMs = 1500
/** Of a pass that counts; a shorter one tries out the suite. */
export const shortestMs = 500
const skew = 0.99
const caseCount = 3
const [mainDriver] = driverNames

export interface TimedWriter {
  readonly name: string
  readonly role: Role
  readonly callers: number
  readonly write: Writer['write']
  /** Ours. */
  readonly service?: BehindService
}

/** Draws keys for all writers of a group; `keys` of the settings are how many there are. */
export function writeTaker(
  { name, role, callers, write, service }: TimedWriter,
  { keys, passMs }: MeasureSettings,
): TurnTaker {
  const rank = zipfRanks(keys, skew, seededRandom(1))
  let written = 0
  const call = (): Promise<unknown> => {
    written += 1
    return write(rank(), written)
  }
  const leadMs = passMs < shortestMs ? passMs : drainedFromMs
  const turn = async (): Promise<readonly number[]> => {
    const before = { written, drained: await service?.drained() }
    if (service !== undefined) await callRate({ callers, call, ms: leadMs })
    const led = await service?.drained()
    const rate = await callRate({ callers, call, ms: passMs })
    if (service !== undefined) {
      const isIdle = (await service.drained()).rows === led?.rows
      if (isIdle && passMs >= shortestMs) {
        throw new Error(`${name}: nothing was drained beside the writes that were timed.`)
      }
      // What the callers have piled up at full speed is no part of what the pace brings.
      await service.settle()
      await pacedWaits({ callers, call, ms: leadMs }, pace)
    }
    const waits = await pacedWaits({ callers, call, ms: passMs }, pace)
    // What waits is not left to whoever has the next turn.
    await service?.settle()
    const after = await service?.drained()
    const statements = (after?.statements ?? 0) - (before.drained?.statements ?? 0)
    // Bare writers send one for each.
    const each = service === undefined ? 1 : statements / (written - before.written)
    return [rate, each, quantile(waits, 0.99)]
  }
  return { name, role, turn }
}

export const writeTurns = { warmUps: 1, cases: caseCount } as const

/** What is acknowledged, and the driver of the source where there are several. */
export interface WriteLane {
  readonly kept: 'everysec' | 'always' | 'sqlite'
  readonly driver?: DriverName
}

/** Behind the name of a case: nothing for the lane that it is said of where nothing else is said. */
export function laneSuffix({ kept, driver = mainDriver }: WriteLane): string {
  const parts = [...(kept === 'everysec' ? [] : [kept]), ...(driver === mainDriver ? [] : [driver])]
  return parts.map((part) => `, ${part}`).join('')
}

/** The rows of one of ours: against its limit, and against every bare write to its source. */
export function writeRows(
  lane: WriteLane,
  names: { readonly ours: string; readonly limit: string },
  series: readonly (readonly Series[])[],
): Measurement[] {
  const [rates = [], statements = [], waits = []] = series.map((all) =>
    all.filter(({ name, role }) => role === 'peer' || name === names.ours || name === names.limit),
  )
  const shared = { suite: 'write', better: 'lower' } as const
  return [
    {
      ...shared,
      case: `behind, ${lane.kept}, ${manyCallers} callers${laneSuffix({ ...lane, kept: 'everysec' })}`,
      unit: 'writes/s',
      better: 'higher',
      series: rates,
    },
    {
      ...shared,
      case: `statements per write${laneSuffix(lane)}`,
      unit: 'statements',
      // Whoever coalesces writes of one key may be below the limit.
      series: statements.map((each) =>
        each.role === 'limit' ? { ...each, samples: each.samples.map(() => 1 / batch) } : each,
      ),
    },
    { ...shared, case: `ack p99 at ${pace}/s${laneSuffix(lane)}`, unit: 'ms', series: waits },
  ]
}
