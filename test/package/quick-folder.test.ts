/** Temporary files of tests are in memory, which must be given back, also by runs that were killed. */

import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { quickFolder } from '../../scripts/quick-folder.mjs'

function setup() {
  const memory = mkdtempSync(join(tmpdir(), 'memory-'))
  return {
    memory,
    where: { memory, enoughBytes: 0 },
    [Symbol.dispose]: () => rmSync(memory, { recursive: true, force: true }),
  }
}

test('a run has a folder of its own, which is gone afterwards', () => {
  using scene = setup()
  const { env, remove } = quickFolder({ PATH: '/bin' }, scene.where)
  const folder = env['TMPDIR'] ?? ''
  expect(env).toEqual({ PATH: '/bin', TMPDIR: folder })
  writeFileSync(join(folder, 'file'), '')
  remove()
  expect(readdirSync(scene.memory)).toEqual([])
})

test('what a killed run has left is removed, and what others use is not', () => {
  using scene = setup()
  const { pid: gone } = spawnSync(process.execPath, ['--version'])
  const left = [
    `tiercel-tests-${gone}-a`,
    `tiercel-tests-${process.ppid}-b`,
    'tiercel-tests-c',
    'd',
  ]
  for (const name of left) mkdirSync(join(scene.memory, name))
  quickFolder({}, scene.where).remove()
  expect(readdirSync(scene.memory).sort()).toEqual(left.slice(1).sort())
})

test('who names a folder gets that, and where memory is short or missing nothing is made', () => {
  using scene = setup()
  const { memory, where } = scene
  const named = { TMPDIR: '/somewhere' }
  expect(quickFolder(named, where).env).toBe(named)
  const plain = {}
  expect(quickFolder(plain, { memory, enoughBytes: 2 ** 60 }).env).toBe(plain)
  expect(quickFolder(plain, { ...where, memory: join(memory, 'nowhere') }).env).toBe(plain)
  expect(readdirSync(memory)).toEqual([])
})
