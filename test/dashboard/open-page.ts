/** A page of the dashboard, logged in, that notes whatever must not happen in it. */

import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { noteBreaches } from './note-breaches.ts'
import type { Scene } from './open-scene.ts'

export interface OpenPage extends AsyncDisposable {
  readonly page: Page
  /** Dialogs that a script has opened, breaches of the content security policy, and errors of scripts. */
  readonly breaches: readonly string[]
  /** Opens a view as a person does who follows a link, and waits for its heading. */
  view(route: string): Promise<void>
}

export interface PageOptions extends BrowserContextOptions {
  /** Not logged in: it stays where it is led. */
  readonly loggedIn?: boolean
  readonly role?: 'read' | 'write'
  /** Run in every document before its own scripts. */
  readonly script?: string
}

const wide = { width: 1360, height: 900 }

export async function openPage(
  browser: Browser,
  scene: Scene,
  { loggedIn = true, role = 'write', script, ...options }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({ viewport: wide, ...options })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const breaches = await noteBreaches(page)
  if (script !== undefined) await page.addInitScript({ content: script })
  if (loggedIn) {
    await page.goto(`${scene.address}#token=${scene.admin.oneTimeToken(role)}`)
    await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
  }
  return {
    page,
    breaches,
    async view(route) {
      await page.evaluate(`location.hash = ${JSON.stringify(`#/${route}`)}`)
      await page.locator(`nav a[href="#/${route.split('?')[0]}"][aria-current=page]`).waitFor()
    },
    [Symbol.asyncDispose]: () => context.close(),
  }
}
