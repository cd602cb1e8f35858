import { expect, test } from 'vitest'
import { judgeNode } from './judge-node.ts'
import { readNodeFacts } from './read-node-facts.ts'

/** The problems of a server with these lines in its INFO, that answers nothing else. */
function problemsOf(...lines: readonly string[]) {
  const facts = readNodeFacts('server', [Buffer.from(lines.join('\r\n')), 1])
  return { facts, problems: judgeNode({ facts, needs: { pendingWrites: 'none' }, kind: 'single' }) }
}

test.each([
  ['redis_version:6.2.0'],
  ['redis_version:7.0.15'],
  ['redis_version:10.0.0'],
  ['server_name:valkey', 'redis_version:7.2.4', 'valkey_version:7.2.4'],
  ['server_name:valkey', 'redis_version:7.2.4', 'valkey_version:8.1.1'],
])('a version that works is no problem: %s %s %s', (...lines) => {
  expect(problemsOf(...lines.filter(Boolean)).problems).toEqual([])
})

test.each([
  ['redis', '6.0.16', 'redis_version:6.0.16'],
  ['redis', '5.9.9', 'redis_version:5.9.9'],
  ['valkey', '7.1.0', 'server_name:valkey\r\nvalkey_version:7.1.0'],
])('%s %s is refused by its version', (software, version, lines) => {
  const { facts, problems } = problemsOf(lines)
  expect(facts).toMatchObject({ software, version })
  expect(problems).toEqual([
    {
      severity: 'refuse',
      message: expect.stringContaining(`${version}; the lowest that works is`),
      cure: 'Use Redis 6.2 or later, or Valkey 7.2 or later.',
    },
  ])
})
