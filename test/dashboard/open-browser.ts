/** Chromium, as the system has it: the one that `npm test` installs where it may. */

import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * Takes about a second.
 *
 * @throws Error with the cure where there is no browser: these tests are not left out in silence.
 */
export function openBrowser(): Promise<Browser> {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const executablePath = names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find(isProgram)
  if (executablePath === undefined) {
    throw new Error(
      'The tests of the dashboard need Chromium. On Debian: apt-get install chromium; or run ' +
        '`npm test` as root, which installs it.',
    )
  }
  // Root, as in most containers, has no sandbox to offer; what is opened here is our own page.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return chromium.launch({ executablePath, args })
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
