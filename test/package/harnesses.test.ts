/** The long harnesses tell how they are called, before they start anything. */

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

function call(harness: string, flag: string) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [`test/${harness}/main.ts`, flag],
    { cwd: ROOT, encoding: 'utf8', timeout: 20_000 },
  )
  return { status, stdout, stderr }
}

describe.each(['crash', 'faults', 'forecast', 'simulation'])('test/%s', (harness) => {
  test('prints how it is called', () => {
    const { status, stdout } = call(harness, '--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Usage: npm run /)
  })

  test('tells a flag that is none, and how it is called', () => {
    const { status, stdout, stderr } = call(harness, '--nonsense')
    expect(status).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/'--nonsense'[\s\S]*\nUsage: npm run /)
  })
})
