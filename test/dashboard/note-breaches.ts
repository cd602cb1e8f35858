/** What must not happen in a page of ours, whatever is shown in it. */

import type { Page } from 'playwright-core'

/** Run in every document; scripts that a page asks for are held to its policy, this one is not. */
const LISTEN = `document.addEventListener('securitypolicyviolation', (event) => {
  noteBreach('policy: ' + [event.violatedDirective, event.blockedURI, event.sample].join(' '))
})`

/**
 * Dialogs that a script has opened, breaches of the content security policy, and errors of scripts, as they
 * come. Called before the page goes anywhere.
 */
export async function noteBreaches(page: Page): Promise<readonly string[]> {
  const breaches: string[] = []
  page.on('dialog', (dialog) => {
    breaches.push(`dialog: ${dialog.message()}`)
    dialog.dismiss().catch(() => {})
  })
  page.on('pageerror', ({ message }) => breaches.push(`error: ${message}`))
  await page.exposeFunction('noteBreach', (words: string) => breaches.push(words))
  await page.addInitScript({ content: LISTEN })
  return breaches
}
