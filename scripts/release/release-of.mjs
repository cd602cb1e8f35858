/** What a tag would publish, and whether everything that a release needs says the same. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ version: string, notes: string }} Release */

/**
 * @param {string} root Of the checkout.
 * @param {string} tag Such as `v1.2.3`.
 * @returns {Release} `notes`: what the changelog says under this version.
 * @throws Error naming what does not fit, before anything is published.
 */
export function releaseOf(root, tag) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  if (tag !== `v${version}`) {
    throw new Error(`Expected the tag v${version}, as package.json says, got ${tag}.`)
  }
  const notes = notesOf(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'), version)
  if (notes === '') {
    throw new Error(`CHANGELOG.md says nothing under "## ${version}": name what is unreleased so.`)
  }
  return { version, notes }
}

/**
 * @param {string} changelog
 * @param {string} version
 * @returns {string} Without the heading; empty if there is none.
 */
function notesOf(changelog, version) {
  const [, ...parts] = changelog.split(/^## /m)
  // A date may stand behind the version.
  const part = parts.find((text) => text.split(/[\s,]/)[0] === version)
  return part === undefined ? '' : part.slice(part.indexOf('\n')).trim()
}
