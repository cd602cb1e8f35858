/** What the admin API of a running instance tells of it and of the others. */

import type { InstanceReport, MetricsSnapshot } from '../index.ts'
import { type AdminClient, AdminError } from './admin-client.ts'
import { UnreachableError } from './exit-code.ts'
import { count, duration, percent } from './figures.ts'
import type { Examined, Finding } from './finding.ts'
import { plainText } from './plain-text.ts'

/** Figures are left every 5 s; those of an instance that ended stay for a minute. */
const SILENT_MS = 20_000
const BLIND_MS = 2_000

/** @throws RefusedError, as nothing can be told then. */
export async function examineAdmin(admin: AdminClient): Promise<Examined> {
  try {
    const stats = await admin.get<MetricsSnapshot>('stats')
    const fleet = await admin.get<readonly InstanceReport[]>('fleet')
    return judgeFigures(stats, fleet)
  } catch (error) {
    if (!(error instanceof UnreachableError || error instanceof AdminError)) throw error
    const finding: Finding = {
      severity: 'bad',
      code: 'admin-away',
      about: admin.where,
      message: error.message,
      cure: 'See whether the instance runs, and whether its admin API is served there.',
    }
    return { facts: [], findings: [finding], away: error instanceof UnreachableError }
  }
}

function judgeFigures(stats: MetricsSnapshot, fleet: readonly InstanceReport[]): Examined {
  const { cache, instance, forMs, total, health } = stats
  const reads = count(total.hits + total.misses)
  const now = stats.at
  const others = fleet.filter(({ own }) => !own)
  const names = others.map(
    ({ instance: name, at }) => `${plainText(name)} (${duration(now - at)} ago)`,
  )
  return {
    facts: [
      {
        about: 'instance',
        value: `${plainText(instance)} of ${cache}: ${health.state}, up ${duration(forMs)}, ${percent(total.hitRate)} of ${reads} reads hit`,
      },
      ...(names.length === 0 ? [] : [{ about: 'others', value: names.join(', ') }]),
    ],
    findings: [
      ...judgeReport({ instance, stats }),
      ...others.flatMap((other) => [...judgeReport(other), ...silence(other, now)]),
    ],
  }
}

/** What one instance tells of itself. */
export function judgeReport({
  instance,
  stats,
}: Pick<InstanceReport, 'instance' | 'stats'>): readonly Finding[] {
  return [
    ...healthFindings(stats, instance),
    ...blindness({ instance, stats }),
    ...contradictions(stats),
    ...staleness(stats),
  ]
}

function healthFindings({ health }: MetricsSnapshot, instance: string): readonly Finding[] {
  return health.reasons.map(({ state, pattern, message, cure }) => ({
    severity: state === 'unhealthy' ? 'bad' : 'warn',
    code: 'health',
    about: plainText(pattern === '*' ? instance : `${instance}, ${pattern}`),
    message: plainText(message),
    cure,
  }))
}

function silence({ instance, at }: InstanceReport, now: number): readonly Finding[] {
  if (now - at <= SILENT_MS) return []
  return [
    {
      severity: 'warn',
      code: 'instance-silent',
      about: plainText(instance),
      message: `It left its last figures ${duration(now - at)} ago.`,
      cure: 'It has ended without a word, stands still, or its clock is wrong.',
    },
  ]
}

function blindness({
  instance,
  stats,
}: Pick<InstanceReport, 'instance' | 'stats'>): readonly Finding[] {
  const blindMs =
    stats.coherence === null ? 0 : (stats.coherence.blindMs ?? Number.POSITIVE_INFINITY)
  if (blindMs <= BLIND_MS) return []
  return [
    {
      severity: 'bad',
      code: 'instance-blind',
      about: plainText(instance),
      message: `It has not followed the shared tier for ${Number.isFinite(blindMs) ? duration(blindMs) : 'as long as it runs'}: its copies may be stale.`,
      cure: 'See whether it reaches the shared tier.',
    },
  ]
}

function contradictions({ patterns }: MetricsSnapshot): readonly Finding[] {
  return patterns
    .filter(({ verdict }) => verdict.contradiction !== '')
    .map(({ pattern, verdict }) => ({
      severity: 'warn',
      code: 'workload',
      about: plainText(pattern),
      message: plainText(verdict.contradiction),
      cure: verdict.advice || 'Declare the workload that it has, or see who uses it otherwise.',
    }))
}

function staleness({ audit, instance }: MetricsSnapshot): readonly Finding[] {
  if (audit === null || audit.stale === 0) return []
  return [
    {
      severity: 'bad',
      code: 'stale-copies',
      about: plainText(instance),
      message: `Of the last ${audit.sampled} copies that were compared with the source, ${audit.stale} were stale.`,
      cure: 'See who changes the source without telling the cache: `followOutbox`, or `onExternalChange`.',
    },
  ]
}
