/** `tiercel stats`: what an instance has counted, what all of them have, or what the shared tier holds. */

import type { InstanceReport, MetricsSnapshot } from '../index.ts'
import type { Command, CommandContext, GivenOptions } from './command.ts'
import { EXIT, type ExitCode, UsageError } from './exit-code.ts'
import { fleetLines } from './fleet-lines.ts'
import { JSON_OPTION } from './json-option.ts'
import { patternLines } from './pattern-lines.ts'
import { snapshotLines } from './snapshot-lines.ts'
import { TARGET_OPTIONS, withTarget } from './target-option.ts'
import { tierAnswer } from './tier-answer.ts'
import { tierLines } from './tier-lines.ts'

const DEFAULT_PATTERNS = 20

export const stats: Command = {
  name: 'stats',
  summary:
    'show hit rates, latency, loads, invalidations, queues and health, of one instance or all',
  usage: '[--pattern <pattern> | --fleet] [options]',
  about: `
Shows what the instance that is asked has counted since it started. Straight from the shared tier, what it holds
and which instances follow it; hit rates are known to instances alone. Ends with 4 where health is not
\`healthy\`.`,
  options: [
    { name: 'pattern', value: '<pattern>', summary: 'all about one pattern, as product:*' },
    { name: 'fleet', summary: 'a line for each instance' },
    {
      name: 'limit',
      value: '<count>',
      summary: `patterns that are shown (default: ${DEFAULT_PATTERNS})`,
    },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  async run(given, context) {
    const limit = given.whole('limit', { least: 1, most: 1_000 }) ?? DEFAULT_PATTERNS
    return await withTarget(given, context, async (target) => {
      if (target.kind === 'tier') {
        const answer = await tierAnswer(target.desk)
        return await tell(answer, () => tierLines(answer), { given, context, code: EXIT.done })
      }
      if (given.flag('fleet')) {
        const fleet = await target.admin.get<readonly InstanceReport[]>('fleet')
        return await tell({ where: target.admin.where, fleet }, () => fleetLines(fleet), {
          given,
          context,
          code: EXIT.done,
        })
      }
      const snapshot = await target.admin.get<MetricsSnapshot>('stats')
      const code = snapshot.health.state === 'healthy' ? EXIT.done : EXIT.findings
      const pattern = given.text('pattern')
      const lines = (): readonly string[] =>
        pattern === undefined
          ? snapshotLines(snapshot, limit)
          : patternLines(patternOf(snapshot, pattern))
      const json = pattern === undefined ? snapshot : patternOf(snapshot, pattern)
      return await tell(json, lines, { given, context, code })
    })
  },
}

/** @throws UsageError */
function patternOf({ patterns, total }: MetricsSnapshot, name: string) {
  const found = [...patterns, total].find(({ pattern }) => pattern === name)
  if (found !== undefined) return found
  const some = patterns.slice(0, 5).map(({ pattern }) => pattern)
  throw new UsageError(
    `Nothing was counted of \`${name}\`; there is ${some.join(', ') || 'nothing'}`,
  )
}

interface Telling {
  readonly given: GivenOptions
  readonly context: CommandContext
  readonly code: ExitCode
}

async function tell(
  json: object,
  lines: () => readonly string[],
  { given, context, code }: Telling,
): Promise<ExitCode> {
  const text = given.flag('json') ? JSON.stringify(json) : lines().join('\n')
  await context.out(`${text}\n`)
  return code
}
