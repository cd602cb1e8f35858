import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Tells which files of the package a start of the program loads. */
const PROBE = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})
const [program, main, ...args] = process.argv
process.argv = [program, 'tiercel', ...args]
await import(main)
console.error(JSON.stringify(loaded))
`

function loadedBy(...args: readonly string[]): readonly string[] {
  const main = new URL('./main.ts', import.meta.url).href
  const given = ['--no-warnings', '--input-type=module', '-e', PROBE, '--', main, ...args]
  const { stderr } = spawnSync(process.execPath, given, {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  })
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '[]')
}

test('the library is loaded only by a command that needs it', () => {
  const rooms = (urls: readonly string[]) => [
    ...new Set(urls.flatMap((url) => /\/src\/([^/]+)\//.exec(url)?.[1] ?? [])),
  ]
  expect(rooms(loadedBy('--help'))).toEqual(['cli'])
  expect(rooms(loadedBy('inspect', '--help'))).toEqual(['cli'])
  expect(rooms(loadedBy('sql', 'outbox', '--table', 'a'))).toContain('sql')
})
