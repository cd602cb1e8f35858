/**
 * What each door of the built package loads from outside of itself. A cache in the browser's sense of
 * light, or on another runtime, must not pay for what it does not use.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Reports every module that is asked for and is no file of ours, at once when it is asked for. */
const probe = `
import { registerHooks } from 'node:module'
const outside = new Set()
registerHooks({
  resolve(specifier, context, next) {
    if (!/^([./]|file:)/.test(specifier)) outside.add(specifier)
    return next(specifier, context)
  },
})
const door = await import(process.argv[1])
console.log(JSON.stringify({ outside: [...outside].sort(), names: Object.keys(door).sort() }))
`

/** What a door may load at most. A new door is added here. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  '.': [],
  './memory': [],
  './codecs': ['node:v8', 'node:zlib'],
  './mongodb': [],
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

interface Door {
  readonly outside: readonly string[]
  readonly names: readonly string[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const { exports }: { exports: Record<string, { default: string } | string> } = JSON.parse(
  readFileSync(`${root}/package.json`, 'utf8'),
)

function load(specifier: string): Door {
  const args = ['--no-warnings', '--input-type=module', '-e', probe, specifier]
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', cwd: root }))
}

describe('each door', () => {
  const doors = Object.keys(exports).filter((door) => typeof exports[door] === 'object')

  test.each(doors)('%s loads nothing that it may not, and gives something', (door) => {
    // By the package's own name, so that `exports` is what is tested.
    const { outside, names } = load(door.replace('.', 'tiercel'))
    const may = [...(allowed[door] ?? []), door.replace('.', 'tiercel')]

    expect(allowed).toHaveProperty([door])
    expect(outside.filter((specifier) => !may.includes(specifier))).toEqual([])
    expect(names.length).toBeGreaterThan(0)
  })

  test('the probe sees what is loaded', () => {
    const { outside } = load('data:text/javascript,import "node:fs"; export const a = 1')
    expect(outside).toContain('node:fs')
  })
})
