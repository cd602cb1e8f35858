/** A change that somebody asks for by a button: under way, done, or refused, in words. */

import { useCallback, useState } from 'preact/hooks'
import { ApiError } from '../api/api-error.ts'
import { changeByApi } from '../api/call-api.ts'
import { forget } from './shown.ts'

export interface Change<T> {
  readonly busy: boolean
  readonly error: ApiError | undefined
  readonly answer: T | undefined
  /** `undefined`: it was refused, and `error` says why. */
  ask(path: string, body: unknown): Promise<T | undefined>
  reset(): void
}

export function useChange<T>(): Change<T> {
  const [state, setState] = useState<{ busy: boolean; error?: ApiError; answer?: T }>({
    busy: false,
  })
  const reset = useCallback(() => setState({ busy: false }), [])
  const ask = useCallback(async (path: string, body: unknown): Promise<T | undefined> => {
    setState({ busy: true })
    try {
      const answer = await changeByApi<T>(path, body)
      setState({ busy: false, answer })
      return answer
    } catch (error) {
      const told = error instanceof ApiError ? error : new ApiError(0, 'unknown', String(error))
      if (told.status === 401) forget('The session has ended. Log in again.')
      setState({ busy: false, error: inWords(told) })
      return undefined
    }
  }, [])
  return { busy: state.busy, error: state.error, answer: state.answer, ask, reset }
}

function inWords(error: ApiError): ApiError {
  if (error.status !== 403) return error
  const words = 'Your token may look, and change nothing. Log in with one that may write.'
  return new ApiError(error.status, error.code, words)
}
