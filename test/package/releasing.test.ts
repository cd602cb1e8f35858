/** What a release is made of, and who may make one. */

import { createHash } from 'node:crypto'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ROOT } from '../../compat/src/pack-package.ts'
import { billOfMaterials } from '../../scripts/release/bill-of-materials.mjs'
import { releaseOf } from '../../scripts/release/release-of.mjs'

/** A checkout as far as a release looks at it. */
function checkout(...changelog: readonly string[]): { folder: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-release-'))
  writeFileSync(join(folder, 'package.json'), '{ "version": "1.2.0" }')
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog.join('\n'))
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

describe('a release', () => {
  test('has notes from the changelog, and a tag that is its version', () => {
    using place = checkout(
      ...['# Changelog', '## Unreleased', '- Later.', '## 1.2.0, 2027-01-01', '', '### New', ''],
      ...['- `get`.', '', '## 1.1.0', '- Older.'],
    )
    const expected = { version: '1.2.0', notes: '### New\n\n- `get`.' }
    expect(releaseOf(place.folder, 'v1.2.0')).toEqual(expected)
  })

  test('is refused under another tag, and with nothing in the changelog', () => {
    using place = checkout('# Changelog', '## Unreleased', '- New.')
    expect(() => releaseOf(place.folder, 'v1.2.1')).toThrow('Expected the tag v1.2.0')
    expect(() => releaseOf(place.folder, 'v1.2.0')).toThrow('CHANGELOG.md says nothing')
  })
})

interface Bill {
  readonly metadata: { readonly component: { readonly hashes: readonly object[] } }
  readonly components: readonly { readonly name: string; readonly purl: string }[]
}

describe('the list of its parts', () => {
  const tarball = Buffer.from('a tarball')
  const bill = billOfMaterials(ROOT, tarball) as Bill

  test('names what is bundled into the pages of the dashboard, and the tarball by its digest', () => {
    const content = createHash('sha512').update(tarball).digest('hex')
    expect(bill.metadata.component.hashes).toEqual([{ alg: 'SHA-512', content }])
    const page = JSON.parse(readFileSync(join(ROOT, 'dashboard-app', 'package.json'), 'utf8'))
    const { esbuild: _, ...bundled } = page.devDependencies
    expect(bill.components.map(({ name }) => name)).toEqual(Object.keys(bundled).sort())
    for (const { purl } of bill.components) expect(purl).toMatch(/^pkg:npm\/[\w-]+@\d+\.\d+\.\d+$/)
  })

  test('is the same whenever it is made', () => {
    expect(billOfMaterials(ROOT, tarball)).toEqual(bill)
  })
})

describe('workflows', () => {
  const files = globSync('.github/workflows/*.yml', { cwd: ROOT }).sort()
  const workflows = files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')] as const)

  test('are there', () => {
    expect(files).toEqual(['.github/workflows/ci.yml', '.github/workflows/release.yml'])
  })

  test.each(workflows)(
    '%s runs nothing that could be changed under it, with no more rights than it needs',
    (_, text) => {
      const foreign = [...text.matchAll(/uses: (?!\.\/)(.*)/g)].map(([, action]) => action)
      expect(foreign.length).toBeGreaterThan(0)
      for (const action of foreign) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d/)
      expect(text).toMatch(/^permissions: \{\}$/m)
      expect(text.match(/actions\/checkout@/g)?.length).toBe(
        text.match(/persist-credentials: false/g)?.length,
      )
      expect(text).not.toMatch(/pull_request_target|secrets\./)
      // What others may write, such as the name of a branch, reaches a shell as a variable alone.
      for (const [, command] of text.matchAll(/run: (.*)/g)) expect(command).not.toContain('${{')
    },
  )

  test('one job alone may publish, after all tests on each Node that is supported', () => {
    const text = Object.fromEntries(workflows)
    const [ci = '', release = ''] = Object.values(text)
    expect(ci).not.toContain('id-token')
    expect(ci.match(/- node: \d+/g)).toEqual(['- node: 22', '- node: 24', '- node: 26'])
    expect(release.match(/id-token: write/g)).toHaveLength(1)
    expect(release).toMatch(/publish:\n {4}needs: ci\n/)
    expect(release).toContain('--provenance')
  })
})
