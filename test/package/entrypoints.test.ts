/**
 * What each door of the packed package loads from outside of itself, in a clean folder where nothing else is
 * installed. A cache in the browser's sense of light, or on another runtime, must not pay for what it does
 * not use.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type CleanFolder,
  cleanFolder,
  type PackedPackage,
  packPackage,
  ROOT,
} from '../../compat/src/pack-package.ts'
import { doorsOf, probeDoor, specifierOf } from '../../compat/src/probe-door.ts'

/** What a door may load at most. A new door is added here. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  './admin': ['node:crypto'],
  './keyv': [],
  './memory': [],
  './codecs': ['node:v8', 'node:zlib'],
  './dashboard': ['node:crypto', 'node:fs', 'node:path', 'node:url'],
  './diagnostics': ['node:diagnostics_channel'],
  './http': ['node:buffer'],
  './mongodb': [],
  // Of the user's own.
  './otel': ['@opentelemetry/api'],
  './prometheus': [],
  './redis': ['node:crypto'],
  './sql': [],
  './sqlite': [
    'node:buffer',
    'node:crypto',
    'node:fs',
    'node:fs/promises',
    'node:os',
    'node:path',
    'node:process',
    'node:sqlite',
    'node:url',
    'node:util',
    'node:v8',
    'node:worker_threads',
  ],
  // Of the user's own, where cron expressions are wanted.
  './warming': ['croner'],
  './testing': ['node:assert', 'node:assert/strict', 'node:util'],
}

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const doors = doorsOf(manifest)
const peers = Object.keys(manifest.peerDependencies)
const peersOf = (door: string) => (allowed[door] ?? []).filter((name) => peers.includes(name))

let packed: PackedPackage
let clean: CleanFolder

beforeAll(() => {
  packed = packPackage()
  clean = cleanFolder(packed)
})

afterAll(() => {
  clean[Symbol.dispose]()
  packed[Symbol.dispose]()
})

async function expectLittle(door: string): Promise<void> {
  const { outside, strays, names } = await probeDoor(clean.folder, specifierOf(door))
  expect(allowed).toHaveProperty([door])
  expect(outside.filter((specifier) => !allowed[door]?.includes(specifier))).toEqual([])
  expect(strays).toEqual([])
  expect(names.length).toBeGreaterThan(0)
}

describe('each door', () => {
  const [bare, having] = [
    doors.filter((door) => peersOf(door).length === 0),
    doors.filter((door) => peersOf(door).length > 0),
  ]

  test.concurrent.each(bare)('%s loads nothing that it may not, and gives something', expectLittle)

  // The first of those that follow each other: the peers are not there yet.
  test('that has a peer says which, where it is not installed', async () => {
    expect(having.flatMap(peersOf).sort()).toEqual([...peers].sort())
    for (const door of having) {
      const loading = probeDoor(clean.folder, specifierOf(door))
      await expect(loading).rejects.toThrow(`Cannot find package '${peersOf(door)[0]}'`)
    }
  })

  test('that has a peer loads that, and nothing else', async () => {
    clean.link(...peers)
    for (const door of having) await expectLittle(door)
  })

  test('the probe sees what is loaded, also by a file that a door loads', async () => {
    const file = join(clean.folder, 'node_modules', 'tiercel', 'dist', 'memory', 'system-clock.js')
    const built = readFileSync(file, 'utf8')
    writeFileSync(join(clean.folder, 'stray.js'), 'export const a = 1')
    writeFileSync(file, `import 'node:os'\nimport '../../../../stray.js'\n${built}`)
    const { outside, strays } = await probeDoor(clean.folder, 'tiercel')
    writeFileSync(file, built)
    expect(outside).toEqual(['node:os'])
    expect(strays.map((url) => url.split('/').at(-1))).toEqual(['stray.js'])
  })
})

test('nothing is installed with the package: it has no dependency, and no script that runs then', () => {
  const own = join(clean.folder, 'node_modules', 'tiercel', 'package.json')
  const installed = JSON.parse(readFileSync(own, 'utf8'))
  expect(installed.dependencies ?? {}).toEqual({})
  expect(installed.optionalDependencies ?? {}).toEqual({})
  expect(Object.keys(installed.peerDependenciesMeta)).toEqual(
    Object.keys(installed.peerDependencies),
  )
  const running = ['preinstall', 'install', 'postinstall', 'prepare']
  expect(Object.keys(installed.scripts ?? {}).filter((name) => running.includes(name))).toEqual([])
})
