import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/**
 * The list of rights was written for the scripts of its time; those that came later need more, and a user
 * with exactly these rights would find out in production.
 */
test('the rights that the page names are those of every script', () => {
  const page = readFileSync(new URL('../../docs/concepts/redis.md', import.meta.url), 'utf8')
  const [, rights = ''] = /^ACL SETUSER app ([^`]*?)\n```/m.exec(page) ?? []
  const granted = new Set(rights.split(/\s+/).map((right) => right.replace('+', '')))
  const sources = globSync('**/*.ts', { cwd: HERE }).filter((file) => !file.includes('.test.'))
  const called = sources.flatMap((file) => {
    const text = readFileSync(`${HERE}${file}`, 'utf8')
    return [...text.matchAll(/redis\.p?call\('([A-Z]+)'/g)].map(([, name = '']) =>
      name.toLowerCase(),
    )
  })
  // With `events` alone, as the page says.
  const needed = new Set(called.filter((name) => name !== 'xadd'))
  expect(needed.size).toBeGreaterThan(30)
  expect([...needed].filter((name) => !granted.has(name)).sort()).toEqual([])
})
