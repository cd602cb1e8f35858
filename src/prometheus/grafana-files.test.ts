/** The dashboard and the alert rules name metrics: every one must be told by the exporter. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { hasPromtool, promtool } from '../../test/exporters/promtool.ts'
import { sampleSnapshot } from '../../test/exporters/sample-snapshot.ts'
import { hasPrometheus, startPrometheus } from '../../test/exporters/start-prometheus.ts'
import { until } from '../../test/servers/until.ts'
import { createPrometheus } from './create-prometheus.ts'

const fileOf = (name: string): string =>
  fileURLToPath(new URL(`../../grafana/${name}`, import.meta.url))
const rules = readFileSync(fileOf('tiercel-alerts.yaml'), 'utf8')
const dashboard = readFileSync(fileOf('tiercel-dashboard.json'), 'utf8')

interface Panel {
  readonly title: string
  readonly targets?: readonly { readonly expr: string }[]
}

const panels: readonly Panel[] = JSON.parse(dashboard).panels
const expressions = panels.flatMap(({ title, targets = [] }) =>
  targets.map(({ expr }) => [title, expr] as const),
)

const exporter = createPrometheus({ stats: async () => sampleSnapshot() })

/** What the exporter tells, with the labels of each. */
async function told(): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const { body } = await exporter.scrape()
  const found = new Map<string, Set<string>>()
  for (const line of body.split('\n')) {
    const [, name, labels = ''] = /^(tiercel_\w+)\{(.*)\}/.exec(line) ?? []
    if (name === undefined) continue
    const names = found.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) names.add(label)
    found.set(name, names)
  }
  return found
}

const namesIn = (text: string): readonly string[] => [
  ...new Set([...text.matchAll(/\btiercel_[a-z_]+/g)].map(([name]) => name)),
]

describe('every metric exists', () => {
  test.each([
    ['alert rules', rules, 15],
    ['dashboard', expressions.map(([, expr]) => expr).join('\n'), 40],
    ['variables of the dashboard', JSON.stringify(JSON.parse(dashboard).templating), 2],
  ] as const)('of the %s', async (_, text, atLeast) => {
    const known = await told()
    const names = namesIn(text)
    expect(names.length).toBeGreaterThanOrEqual(atLeast)
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })

  test('with the labels that are asked for', async () => {
    const known = await told()
    for (const [, expr] of [...expressions, ['', rules] as const]) {
      for (const [, name = '', selector = ''] of expr.matchAll(/(tiercel_\w+)\{([^}]*)\}/g)) {
        for (const [, label = ''] of selector.matchAll(/(\w+)=~?"/g)) {
          expect.soft(known.get(name), `${name}{${label}}`).toContain(label)
        }
      }
    }
  })
})

describe.skipIf(!hasPromtool)('the alert rules', () => {
  test('are what Prometheus takes', () => {
    expect(promtool(['check', 'rules', fileOf('tiercel-alerts.yaml')])).toMatchObject({ status: 0 })
  })

  /** Series over ten minutes, and which alert they must raise, or must not. */
  const cases: readonly (readonly [
    alert: string,
    raised: boolean,
    series: Record<string, string>,
  ])[] = [
    ['TiercelUnhealthy', true, { 'tiercel_health_state{state="unhealthy"}': '1x60' }],
    ['TiercelUnhealthy', false, { 'tiercel_health_state{state="unhealthy"}': '0x60' }],
    ['TiercelDegraded', true, { 'tiercel_health_state{state="degraded"}': '1x60' }],
    [
      'TiercelHitRateLow',
      true,
      { 'tiercel_hits_total{cache="a"}': '0+10x60', 'tiercel_misses_total{cache="a"}': '0+90x60' },
    ],
    [
      'TiercelHitRateLow',
      false,
      { 'tiercel_hits_total{cache="a"}': '0+90x60', 'tiercel_misses_total{cache="a"}': '0+10x60' },
    ],
    [
      'TiercelHitRateLow',
      false,
      { 'tiercel_hits_total{cache="a"}': '0+1x60', 'tiercel_misses_total{cache="a"}': '0+9x60' },
    ],
    ['TiercelPatternHitRateLow', true, { 'tiercel_pattern_verdict{grade="low"}': '1x100' }],
    ['TiercelPatternHitRateLow', false, { 'tiercel_pattern_verdict{grade="good"}': '1x100' }],
    [
      'TiercelSharedTierAway',
      true,
      { 'tiercel_breaker_state{tier="shared",state="open"}': '1x60' },
    ],
    [
      'TiercelSharedTierAway',
      false,
      { 'tiercel_breaker_state{tier="shared",state="open"}': '0x60' },
    ],
    ['TiercelSourceAway', true, { tiercel_queue_away: '1x60' }],
    [
      'TiercelNotFollowing',
      true,
      { tiercel_coherence_connected: '3x60', tiercel_coherence_shards: '4x60' },
    ],
    [
      'TiercelNotFollowing',
      false,
      { tiercel_coherence_connected: '4x60', tiercel_coherence_shards: '4x60' },
    ],
    ['TiercelChangesLate', true, { 'tiercel_coherence_delay_seconds{percentile="99"}': '1.2x60' }],
    [
      'TiercelChangesLate',
      false,
      {
        'tiercel_coherence_delay_seconds{percentile="99"}': '0.9x60',
        'tiercel_coherence_delay_seconds{percentile="50"}': '1.2x60',
      },
    ],
    ...([2, 0.5] as const).map(
      (rate) =>
        [
          'TiercelReadsUnanswered',
          rate > 1,
          {
            'tiercel_unanswered_total{cache="a",pattern="*",load="slow"}': `0+${rate}x60`,
            'tiercel_hits_total{cache="a",pattern="*"}': '0+90x60',
            'tiercel_misses_total{cache="a",pattern="*"}': '0+10x60',
          },
        ] as const,
    ),
    ['TiercelInvalidationsPending', true, { tiercel_pending_invalidations: '1x60' }],
    ['TiercelStaleCopies', true, { 'tiercel_audit_copies{found="stale"}': '0x30 2x30' }],
    ['TiercelStaleCopies', false, { 'tiercel_audit_copies{found="stale"}': '2x60' }],
    ['TiercelMemoryFull', true, { tiercel_memory_filled_ratio: '0.9x100' }],
    [
      'TiercelSharedTierFull',
      true,
      { tiercel_shared_size_bytes: '81x100', tiercel_shared_limit_bytes: '100x100' },
    ],
    [
      'TiercelSharedTierFull',
      false,
      { tiercel_shared_size_bytes: '79x100', tiercel_shared_limit_bytes: '100x100' },
    ],
    ['TiercelCleanUpFailing', true, { tiercel_cleanup_failures: '3x60' }],
    ['TiercelCleanUpFailing', false, { tiercel_cleanup_failures: '2x60' }],
    ['TiercelQueueOld', true, { tiercel_queue_oldest_seconds: '61x60' }],
    ['TiercelDeadLetters', true, { 'tiercel_queue_writes_total{outcome="dead"}': '0x50 1x10' }],
    ['TiercelDeadLetters', false, { 'tiercel_queue_writes_total{outcome="dead"}': '1x60' }],
    [
      'TiercelLoadsFailing',
      true,
      {
        'tiercel_loads_total{cache="a",pattern="*",outcome="failed"}': '0+2x60',
        'tiercel_loads_total{cache="a",pattern="*",outcome="loaded"}': '0+8x60',
      },
    ],
    [
      'TiercelShadowDiffers',
      true,
      { 'tiercel_shadow_comparisons_total{outcome="different"}': '0x50 1x10' },
    ],
  ]

  test('are raised by what they are for, and by nothing less', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tiercel-rules-'))
    try {
      const blocks = cases.map(([alert, raised, series], at) => {
        const input = Object.entries(series).map(
          ([name, values]) => `      - { series: '${name}', values: '${values}' }`,
        )
        return `  - name: '${at} ${alert} ${raised}'
    interval: 15s
    input_series:
${input.join('\n')}
    promql_expr_test:
      - expr: count(ALERTS{alertname="${alert}",alertstate="firing"}) or vector(0)
        eval_time: ${alert.includes('Pattern') || alert.includes('Full') ? '20m' : '14m'}
        exp_samples: [{ labels: '{}', value: ${raised ? 1 : 0} }]`
      })
      const file = join(folder, 'test.yaml')
      const text = `rule_files: ['${fileOf('tiercel-alerts.yaml')}']\nevaluation_interval: 15s\ntests:\n${blocks.join('\n')}\n`
      writeFileSync(file, text)
      expect(promtool(['test', 'rules', file])).toMatchObject({ status: 0 })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  test('are all tried', () => {
    const names = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name]) => name)
    expect(new Set(cases.map(([alert]) => alert))).toEqual(new Set(names))
  })
})

describe.skipIf(!hasPrometheus)('a real Prometheus', () => {
  test('scrapes OpenMetrics, finds the same figures, and knows every query of the dashboard', async () => {
    let contentType = ''
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const scraped = await exporter.scrape(request.headers.accept)
      contentType = scraped.contentType
      response.setHeader('content-type', scraped.contentType).end(scraped.body)
    }
    const server = createServer((request, response) => void answer(request, response))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const target = `127.0.0.1:${(server.address() as AddressInfo).port}`
    try {
      await using prometheus = await startPrometheus(target)
      await until('it has scraped', async () => (await prometheus.query('up == 1')).length === 1)
      expect(contentType).toContain('openmetrics')
      const snapshot = sampleSnapshot()
      const hits = await prometheus.query('tiercel_hits_total{pattern="product:*"}')
      expect(hits.map(({ value: [, text] }) => Number(text))).toEqual([snapshot.patterns[0]?.hits])
      // Its own `instance` is that of the target: ours is kept beside it.
      expect(hits[0]?.metric).toMatchObject({ cache: 'shop', exported_instance: 'shop-1' })
      const metadata = JSON.stringify(
        await prometheus.ask('metadata?metric=tiercel_operation_duration_seconds'),
      )
      expect(metadata).toContain('"unit":"seconds"')
      for (const [title, expr] of expressions) {
        const asked = expr.replaceAll('$__rate_interval', '1m').replaceAll(/"\$\w+"/g, '".*"')
        const found = await prometheus.query(asked).catch((error) => `${title}: ${error}`)
        expect.soft(found).toBeInstanceOf(Array)
        if (!asked.includes('rate('))
          expect.soft(found.length, `${title}: ${asked}`).toBeGreaterThan(0)
      }
    } finally {
      server.close()
      server.closeAllConnections()
    }
  })
})
