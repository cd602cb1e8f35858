/** One question at a time, asked when somebody wants to know; a later one overtakes those before it. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/api-error.ts'
import { forget } from './shown.ts'

interface Asked<T> {
  readonly busy: boolean
  readonly value?: T
  readonly error?: ApiError
}

export function useAsked<T>(call: (path: string, signal: AbortSignal) => Promise<T>): {
  busy: boolean
  value: T | undefined
  error: ApiError | undefined
  ask(path: string): void
} {
  const [state, setState] = useState<Asked<T>>({ busy: false })
  const under = useRef<AbortController>(undefined)
  useEffect(() => () => under.current?.abort(), [])
  const ask = useCallback(
    (path: string) => {
      under.current?.abort()
      const now = new AbortController()
      under.current = now
      setState((before) => ({ ...before, busy: true }))
      call(path, now.signal).then(
        (value) => {
          if (!now.signal.aborted) setState({ busy: false, value })
        },
        (reason: unknown) => {
          if (now.signal.aborted) return
          const error =
            reason instanceof ApiError ? reason : new ApiError(0, 'unknown', String(reason))
          if (error.status === 401) forget('The session has ended. Log in again.')
          setState({ busy: false, error })
        },
      )
    },
    [call],
  )
  return { busy: state.busy, value: state.value, error: state.error, ask }
}
