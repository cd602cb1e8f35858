import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FIGURE_LIST, LATENCY } from '../figures/index.ts'
import { familyName, metricName } from './metric-name.ts'

test('the page lists every metric, and none that does not exist', () => {
  const page = readFileSync(
    new URL('../../docs/concepts/exporting-metrics.md', import.meta.url),
    'utf8',
  )
  const listed = [...page.matchAll(/^\| `(tiercel_\w+)` \| (\w+) \|/gm)].map(
    ([, name, kind]) => `${name} ${kind}`,
  )
  const told = FIGURE_LIST.map((figure) => `${metricName(figure)} ${figure.kind}`)
  expect(listed.toSorted()).toEqual([...told, `${familyName(LATENCY)} histogram`].toSorted())
})
