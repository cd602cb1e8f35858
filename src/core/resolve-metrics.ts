/** What is counted, and from where on it is told as trouble. */

import type { AlertOptions } from '../contracts/health.ts'
import type { MetricsOptions, Workload } from '../contracts/metrics.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, checkWord, durationMs, refuseOption } from './field-check.ts'

export interface ResolvedMetrics {
  readonly patterns: number
  readonly sampleHits: number
  /** `undefined`: figures are not left for others. */
  readonly shareEveryMs: number | undefined
}

/** `undefined`: nothing is told of it. */
export interface ResolvedAlerts {
  readonly hitRate: number | undefined
  readonly patternHitRate: boolean
  readonly minReads: number
  readonly size: number | undefined
  readonly cleanUpFailures: number | undefined
  readonly queueAgeMs: number | undefined
  readonly deadLetters: number | undefined
}

const MAX_PATTERNS = 10_000
const WORKLOADS: readonly Workload[] = ['read-heavy', 'write-heavy']

/** @throws ConfigError */
export function resolveMetrics(options: MetricsOptions): ResolvedMetrics {
  const { metrics } = DEFAULTS
  const { patterns = metrics.patterns, sampleHits = metrics.sampleHits } = options
  const { shareEvery = metrics.shareEvery } = options
  const whole = { refuse: refuseOption, least: 1, whole: true } as const
  return {
    patterns: checkNumber(patterns, { field: 'metrics.patterns', most: MAX_PATTERNS, ...whole }),
    sampleHits: checkNumber(sampleHits, { field: 'metrics.sampleHits', most: 2 ** 20, ...whole }),
    shareEveryMs:
      shareEvery === 'off'
        ? undefined
        : durationMs(shareEvery, { field: 'metrics.shareEvery', refuse: refuseOption }),
  }
}

/** @throws ConfigError */
export function resolveAlerts(options: AlertOptions): ResolvedAlerts {
  const { alerts } = DEFAULTS
  const { minReads = alerts.minReads, queueAge = alerts.queueAge, size = alerts.size } = options
  const { hitRate = alerts.hitRate, patternHitRate = alerts.patternHitRate } = options
  const { cleanUpFailures = alerts.cleanUpFailures, deadLetters = alerts.deadLetters } = options
  const number = (field: string, value: number | 'off', most: number): number | undefined =>
    value === 'off'
      ? undefined
      : checkNumber(value, { field: `alerts.${field}`, refuse: refuseOption, least: 0, most })
  const byPattern = checkWord(patternHitRate, ['on', 'off'] as const, {
    field: 'alerts.patternHitRate',
    refuse: refuseOption,
  })
  const most = Number.MAX_SAFE_INTEGER
  return {
    hitRate: number('hitRate', hitRate, 1),
    patternHitRate: byPattern === 'on',
    minReads: checkNumber(minReads, {
      field: 'alerts.minReads',
      refuse: refuseOption,
      least: 0,
      most,
    }),
    size: number('size', size, 1),
    cleanUpFailures: number('cleanUpFailures', cleanUpFailures, most),
    queueAgeMs:
      queueAge === 'off'
        ? undefined
        : durationMs(queueAge, { field: 'alerts.queueAge', refuse: refuseOption }),
    deadLetters: number('deadLetters', deadLetters, most),
  }
}

/** @throws ConfigError */
export function checkWorkload(workload: Workload | undefined, field: string): Workload | undefined {
  return workload === undefined
    ? undefined
    : checkWord(workload, WORKLOADS, { field, refuse: refuseOption })
}
