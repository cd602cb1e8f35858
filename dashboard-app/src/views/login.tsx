/** Asks for a token. What is typed goes to the session route and is kept nowhere. */

import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { openSession } from '../api/session.ts'
import { TextField } from '../parts/field.tsx'
import { useShown } from '../state/shown.ts'

export function LoginView(): JSX.Element {
  const { sessionWords } = useShown()
  const [token, setToken] = useState('')
  const [isBusy, setBusy] = useState(false)

  async function logIn(event: Event): Promise<void> {
    event.preventDefault()
    if (token === '') return
    setBusy(true)
    await openSession(token)
    setBusy(false)
  }

  return (
    <main class="login">
      <form class="panel" onSubmit={(event) => void logIn(event)}>
        <h1>Tiercel</h1>
        <p class="muted">
          Log in with a token of the admin API, or open the address with the one-time token that the
          service prints when it starts.
        </p>
        {sessionWords === '' ? null : (
          <p class="banner warn" role="alert">
            {sessionWords}
          </p>
        )}
        <TextField label="Token" type="password" value={token} change={setToken} isSearch />
        <button type="submit" class="primary" disabled={isBusy || token === ''}>
          {isBusy ? 'Logging in …' : 'Log in'}
        </button>
      </form>
    </main>
  )
}
