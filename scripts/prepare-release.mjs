/**
 * Makes what a release consists of, in the folder that is named: the tarball, `sbom.cdx.json` and
 * `notes.md`. Publishes nothing; `.github/workflows/release.yml` does that.
 *
 *     npm run release -- v1.2.3 folder
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { capture } from './bootstrap/capture.mjs'
import { billOfMaterials } from './release/bill-of-materials.mjs'
import { releaseOf } from './release/release-of.mjs'
import { root } from './root.mjs'

const [tag, named] = process.argv.slice(2)

try {
  if (tag === undefined || named === undefined) {
    throw new Error('Usage: npm run release -- <tag> <folder>')
  }
  const { version, notes } = releaseOf(root, tag)
  const folder = resolve(named)
  mkdirSync(folder, { recursive: true })
  const args = ['pack', '--ignore-scripts', '--pack-destination', folder]
  const { ok, output } = await capture('npm', args)
  if (!ok) throw new Error(output)
  const tarball = join(folder, `tiercel-${version}.tgz`)
  const bill = billOfMaterials(root, readFileSync(tarball))
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`)
  writeFileSync(join(folder, 'notes.md'), `${notes}\n`)
  console.log(`${tarball}, sbom.cdx.json and notes.md are ready.`)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
