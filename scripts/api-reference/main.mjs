/**
 * `npm run api` writes `docs/api`; with `--check` it compares it with what would be written, and writes
 * nothing.
 */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../root.mjs'
import { writeReference } from './reference-pages.mjs'

const pages = join(root, 'docs', 'api')

async function check() {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-api-'))
  try {
    await writeReference(root, folder)
    const outdated = differing(folder, pages)
    if (outdated.length === 0) return
    console.log(`docs/api is not what the docstrings say: ${outdated.join(', ')}.`)
    console.log('Write it anew with `npm run api`.')
    process.exitCode = 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Pages that one folder has, and the other has not or otherwise.
 *
 * @param {string} one
 * @param {string} other
 */
function differing(one, other) {
  const [first, second] = [one, other].map(pagesIn)
  const names = new Set([...(first?.keys() ?? []), ...(second?.keys() ?? [])])
  return [...names].filter((name) => first?.get(name) !== second?.get(name))
}

/** @param {string} folder */
function pagesIn(folder) {
  return new Map(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  )
}

if (process.argv.includes('--check')) await check()
else {
  rmSync(pages, { recursive: true, force: true })
  await writeReference(root, pages)
}
