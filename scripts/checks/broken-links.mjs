/** Finds links of a Markdown page that lead nowhere in the repository. Used by `check-docs.mjs`. */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/**
 * @param {string} root
 * @param {string} page Relative to the root.
 * @returns {string[]} One line for each broken link.
 */
export function brokenLinks(root, page) {
  const text = withoutCode(readFileSync(join(root, page), 'utf8'))
  const targets = [...text.matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)/g)].map(([, to = '']) => to)
  return targets
    .filter((target) => !/^[a-z][a-z+.-]*:/.test(target) && !leadsSomewhere(root, page, target))
    .map((target) => `${page}: the link to ${target} leads nowhere.`)
}

/**
 * @param {string} root
 * @param {string} page
 * @param {string} target
 */
function leadsSomewhere(root, page, target) {
  const [path = '', anchor] = target.split('#')
  const file = path === '' ? join(root, page) : join(root, dirname(page), decodeURI(path))
  // What lies outside exists on this machine only.
  if (relative(root, file).startsWith('..') || !existsSync(file)) return false
  if (anchor === undefined || !file.endsWith('.md') || !statSync(file).isFile()) return true
  return anchorsOf(readFileSync(file, 'utf8')).includes(anchor)
}

/**
 * Anchors of headings as GitHub makes them, those of one text numbered, and anchors in HTML.
 *
 * @param {string} page
 */
function anchorsOf(page) {
  const text = withoutCode(page)
  /** @type {Map<string, number>} */
  const seen = new Map()
  const headings = [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) => {
    const anchor = heading
      .trim()
      .toLowerCase()
      .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
  const named = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)
  return [...headings, ...named]
}

/** @param {string} page */
function withoutCode(page) {
  return page.replaceAll(/^(```|~~~)[\s\S]*?^\1/gm, '')
}
