/**
 * Logging in: the token goes to the API once, which answers with a cookie that no script can read.
 *
 * A token in the address (`#token=…`) never reaches a server's log, as a fragment is not sent; it is taken
 * out of the address, and so out of the browser's history, before anything else happens.
 */

import { forget, show } from '../state/shown.ts'
import { ApiError } from './api-error.ts'
import { apiUrl, changeByApi, readApi } from './call-api.ts'
import type { SessionAnswer } from './wire.ts'

export async function beginSession(): Promise<void> {
  const token = takeTokenFromAddress()
  if (token !== undefined) return openSession(token)
  try {
    const { role } = await readApi<SessionAnswer>('session')
    show({ session: 'open', sessionWords: '', role })
  } catch (error) {
    const { status, message } = asApiError(error)
    if (status === 401 || status === 403) return forget('')
    // It is not known whether there is a session: pages say that nothing answers, and try again.
    if (status === 0 || status >= 500) return show({ session: 'open', connection: 'lost' })
    forget(message)
  }
}

export async function openSession(token: string): Promise<void> {
  try {
    const { role } = await changeByApi<SessionAnswer>('session', { token })
    show({ session: 'open', sessionWords: '', role })
  } catch (error) {
    const { status, message } = asApiError(error)
    const refused = 'This token is not accepted. One from an address works once only.'
    forget(status === 401 || status === 403 ? refused : message)
  }
}

function takeTokenFromAddress(): string | undefined {
  const match = /^#token=([^&]+)/.exec(location.hash)
  if (match === null) return undefined
  history.replaceState(null, '', `${location.pathname}${location.search}`)
  return decodeURIComponent(match[1] ?? '')
}

function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError(0, 'unknown', String(error))
}

/** The cookie is the server's to end; what is on the screen goes in any case. */
export async function closeSession(): Promise<void> {
  await fetch(apiUrl('session'), {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
  }).catch(() => {})
  forget('You have logged out.')
}
