/**
 * Takes the pictures of the documentation anew: `npm run pictures`. They are looked at before they are kept;
 * nothing compares them, as figures and fonts differ from run to run.
 */

import { mkdirSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { openBrowser } from './open-browser.ts'
import { type OpenPage, openPage } from './open-page.ts'
import { openPictureScene } from './picture-scene.ts'

const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const wide = { width: 1200, height: 860 }
const phone = { width: 390, height: 844 }
/** Charts show a minute at least; pictures are taken when it is full. */
const warmUpMs = 62_000

const pictures = [
  { name: 'dashboard', view: 'overview', viewport: wide, colorScheme: 'light' },
  { name: 'dashboard-dark', view: 'overview', viewport: wide, colorScheme: 'dark' },
  { name: 'dashboard-phone', view: 'overview', viewport: phone, colorScheme: 'light' },
  { name: 'dashboard-phone-dark', view: 'patterns', viewport: phone, colorScheme: 'dark' },
  { name: 'dashboard-patterns', view: 'patterns', viewport: wide, colorScheme: 'light' },
  {
    name: 'dashboard-key',
    view: 'keys?collection=product&key=2',
    viewport: wide,
    colorScheme: 'light',
  },
  {
    name: 'dashboard-invalidations',
    view: 'invalidations?by=tags&what=catalogue',
    viewport: wide,
    colorScheme: 'dark',
  },
  { name: 'dashboard-write-behind', view: 'write-behind', viewport: wide, colorScheme: 'light' },
  { name: 'dashboard-freshness', view: 'freshness', viewport: wide, colorScheme: 'dark' },
  { name: 'dashboard-switches', view: 'switches', viewport: wide, colorScheme: 'dark' },
] as const

mkdirSync(folder, { recursive: true })
await using playing = await openPictureScene()
await using browser = await openBrowser()
const { scene } = playing
const pages: OpenPage[] = []
for (const picture of pictures) pages.push(await openPage(browser, scene, picture))
await pause(warmUpMs)
for (const [index, { name, view }] of pictures.entries()) {
  const opened = pages[index]
  await opened?.view(view)
  await pause(1_500)
  await opened?.page.screenshot({ path: `${folder}${name}.png`, animations: 'disabled' })
  console.log(`docs/images/${name}.png`)
}
