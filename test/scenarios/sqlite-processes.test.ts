/** Processes that are killed, and processes that share one file. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { versionOf } from './sqlite-envelope.ts'

/** A folder with a tier's file in it, and processes that use it; all gone when the test ends. */
function setup() {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-processes-'))
  const children: ChildProcess[] = []
  const start = (...args: string[]) => {
    const script = fileURLToPath(new URL('./sqlite-process.ts', import.meta.url))
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }
  const dispose = () => {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true })
  }
  return { folder, path: join(folder, 'cache.db'), start, [Symbol.dispose]: dispose }
}

/** What is in the file: SQLite's own judgement, and the versions of all whole values. */
function inspect(path: string) {
  const db = new DatabaseSync(path)
  try {
    const { integrity_check: integrity } = db.prepare('PRAGMA integrity_check').get() ?? {}
    const rows = db.prepare('SELECT id, envelope FROM entries').all()
    const versions = rows.map(({ id, envelope }) => versionOf(String(id), envelope as Uint8Array))
    return { integrity, torn: versions.filter((one) => one === undefined).length, versions }
  } finally {
    db.close()
  }
}

describe('processes on one SQLite file', () => {
  test('a writer killed ten times under load leaves a whole file with all it confirmed', async () => {
    using scene = setup()
    let confirmed = 0
    for (let kill = 0; kill < 10; kill += 1) {
      const child = scene.start('write', scene.path)
      const lines: string[] = []
      const enough = Promise.withResolvers<void>()
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        lines.push(chunk)
        if (lines.length > 3 + kill * 3) enough.resolve()
      })
      const closed = once(child, 'close')
      await Promise.race([enough.promise, closed])
      child.kill('SIGKILL')
      await closed
      confirmed = Number(lines.join('').trimEnd().split('\n').at(-1))
      const { integrity, torn, versions } = inspect(scene.path)
      expect({ integrity, torn }).toEqual({ integrity: 'ok', torn: 0 })
      expect(Math.max(...versions.map(Number))).toBeGreaterThanOrEqual(confirmed)
    }
    expect(confirmed).toBeGreaterThan(0)
  }, 20_000)

  test('two processes that hammer one file never tear a value or serve a changed one', async () => {
    using scene = setup()
    const truth = join(scene.folder, 'truth')
    writeFileSync(truth, new Uint8Array(64))
    const children = ['0', '1'].map((parity) =>
      scene.start('hammer', scene.path, truth, parity, '3000'),
    )
    const outputs = await Promise.all(
      children.map(({ stdout }) => (stdout === null ? '' : text(stdout))),
    )
    for (const output of outputs) {
      const findings = JSON.parse(output)
      expect(findings).toMatchObject({ torn: 0, stale: 0, errors: [] })
      expect(findings.hits).toBeGreaterThan(0)
      expect(findings.fills).toBeGreaterThan(0)
      expect(findings.refused).toBeGreaterThan(0)
      expect(findings.changes).toBeGreaterThan(0)
      expect(findings.busy).toBeLessThan(findings.reads / 100)
    }
    expect(inspect(scene.path)).toMatchObject({ integrity: 'ok', torn: 0 })
  }, 20_000)
})
