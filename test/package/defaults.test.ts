/** Every default that documentation states is compared with `DEFAULTS`; a wrong one must be reported. */

import { expect, test } from 'vitest'
import { plantedTree } from './planted-tree.ts'

test('a wrong default in a docstring is reported', () => {
  using tree = plantedTree()
  tree.edit('src/contracts/options.ts', (text) =>
    text
      .replace("@default '1m'", "@default '61s'")
      .replace("@default '200ms'", "@default '0.2s'")
      .replace('@default 10000', '@default 9999')
      .replace('@default 1024', '@default 1_025'),
  )

  const { ok, output } = tree.run('node', 'scripts/check-docs.mjs')
  expect(ok).toBe(false)
  expect(output).toContain("`EntryOptions.memoryTtl` is said to be '61s'")
  expect(output).toContain('DEFAULTS.memory.entries is 10000')
  expect(output).toContain('`CompressionOptions.above`')
  // The same time in another unit is the same.
  expect(output).not.toContain('Timeouts.soft')
})

test('a wrong default in a table of a page is reported, and a right one is not', () => {
  using tree = plantedTree()
  tree.plant(
    'docs/planted.md',
    '| option | what it does | default |',
    '| --- | --- | --- |',
    "| `ttl` | life | `'5m'` |",
    '| `memory.expiryScan` | scan | `60s` |',
    "| `timeouts.hard` | the whole call | `'6s'` |",
    '| `loader` | required | — |',
    '| `nothing` | is not there | `1` |',
  )

  const { ok, output } = tree.run('node', 'scripts/check-docs.mjs')
  const planted = output.split('\n').filter((line) => line.startsWith('docs/planted.md'))
  expect(ok).toBe(false)
  expect(planted).toEqual([
    'docs/planted.md:5: `timeouts.hard` is said to be \'6s\' by default; DEFAULTS.timeouts.hard is "5s".',
    'docs/planted.md:7: `nothing` has no place in DEFAULTS.',
  ])
})

test('a link that leads nowhere is reported, and one that leads somewhere is not', () => {
  using tree = plantedTree()
  tree.plant(
    'docs/planted.md',
    '# A heading, with `code`',
    '[a](#a-heading-with-code) [b](requirements.md#not-there-yet) [c](../src/contracts/)',
    '[d](nowhere.md) [e](requirements.md#nowhere) [f](https://example.com) [g](../../outside.md)',
    '```md',
    '[h](in-code.md)',
    '```',
  )

  const { output } = tree.run('node', 'scripts/check-docs.mjs')
  const planted = output.split('\n').filter((line) => line.startsWith('docs/planted.md'))
  expect(planted.map((line) => /link to (\S+)/.exec(line)?.[1])).toEqual([
    'nowhere.md',
    'requirements.md#nowhere',
    '../../outside.md',
  ])
})
