/** The figures that instances have left in the shared tier for each other: `~fleet` in the wire format. */

import { TierError } from '../contracts/errors.ts'
import type { InstanceReport } from '../contracts/metrics.ts'
import { encodeKey } from '../keys/key-encoding.ts'
import type { DeskParts } from './desk-parts.ts'

const FLEET = '~fleet'
const LIST = 'list'
/** As many as an instance lists. */
const MOST = 1_000

/** By name; those of instances that end leave by themselves. What cannot be read is left out. @throws TierError */
export async function fleetReports(parts: DeskParts): Promise<readonly InstanceReport[]> {
  const [list] = await records(parts, [LIST])
  const names = Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
  const found = await records(parts, names.slice(0, MOST))
  return found
    .filter(isReport)
    .map(({ instance, at, stats }) => ({ instance, at, own: false, stats }))
    .sort((one, other) => (one.instance < other.instance ? -1 : 1))
}

async function records(
  { session, readText }: DeskParts,
  names: readonly string[],
): Promise<readonly unknown[]> {
  const keys = names.map((name) => encodeKey(FLEET, name))
  const readings = keys.length === 0 ? [] : await session.read(keys)
  return await Promise.all(
    readings.map(async (reading, at) => {
      if (reading instanceof TierError) throw reading
      const { entry, serverNow } = reading
      const id = keys[at]?.id
      if (entry === undefined || id === undefined || serverNow >= entry.graceUntil) return undefined
      return parsed(await readText(id, entry.envelope))
    }),
  )
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function isReport(record: unknown): record is InstanceReport {
  const { instance, at, stats } = (record ?? {}) as Partial<InstanceReport>
  const has = typeof instance === 'string' && typeof at === 'number' && typeof stats === 'object'
  // Of another release, that may have other figures.
  return has && stats?.total !== undefined && stats.health?.reasons !== undefined
}
