import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { dashboardAssets } from './dashboard-assets.ts'

test('the page names a script and a style that are there, and nothing of another origin', () => {
  const pages = dashboardAssets()
  const html = new TextDecoder().decode(pages.asset('')?.body)
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)

  expect(named.length).toBeGreaterThanOrEqual(3)
  for (const path of named) expect(pages.asset(path), path).toBeDefined()
  expect(pages.asset('index.html')).toEqual(pages.asset(''))
})

test('the page has no script and no style of its own, so that none has to be allowed', () => {
  const html = new TextDecoder().decode(dashboardAssets().asset('')?.body)
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bstyle=|\son\w+=|javascript:/i)
})

test('each file has its type, and an etag that is a digest of what it holds', () => {
  const pages = dashboardAssets()
  for (const path of pages.paths) {
    const asset = pages.asset(path)
    const digest = createHash('sha256')
      .update(asset?.body ?? '')
      .digest('base64url')
    expect(asset?.etag).toBe(`"${digest}"`)
    expect(asset?.type).toMatch(/^(text\/(html|javascript|css); charset=utf-8|image\/svg\+xml)$/)
  }
})

test('what is named by its content may be kept for ever, and the page may not', () => {
  const pages = dashboardAssets()
  const caching = Object.fromEntries(
    pages.paths.map((path) => [path.replace(/-\w+\./, '.'), pages.asset(path)?.caching]),
  )
  expect(caching).toEqual({
    'app.css': 'immutable',
    'app.js': 'immutable',
    'favicon.svg': 'no-cache',
    'index.html': 'no-cache',
  })
})

test('what is no file of the pages is not there, wherever it leads', () => {
  const pages = dashboardAssets()
  for (const path of ['../index.js', '/index.html', 'app.js', '__proto__', 'index.html/', '.']) {
    expect(pages.asset(path), path).toBeUndefined()
  }
})

test('all of it is 80 kB at most, compressed', () => {
  const pages = dashboardAssets()
  const sizes = pages.paths.map((path) => gzipSync(pages.asset(path)?.body ?? '').length)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(80_000)
})

test('a folder without them is told at once, and another one may be named', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-pages-'))
  try {
    expect(() => dashboardAssets({ folder })).toThrow(/built pages of the dashboard/)
    expect(() => dashboardAssets({ folder: join(folder, 'none') })).toThrow(/built pages/)
    writeFileSync(join(folder, 'index.html'), '<!doctype html>')
    writeFileSync(join(folder, 'secret.env'), 'token')

    const pages = dashboardAssets({ folder })
    expect(pages.paths).toEqual(['index.html'])
    expect(pages.asset('secret.env')).toBeUndefined()
  } finally {
    rmSync(folder, { recursive: true })
  }
})
