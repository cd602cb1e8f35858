/** What a view asks for again and again while it is open and seen, with what went wrong the last time. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api/api-error.ts'
import { readApi } from '../api/call-api.ts'
import { forget } from './shown.ts'

export interface Polled<T> {
  /** The last answer; it stays while later calls fail. */
  readonly value: T | undefined
  readonly error: ApiError | undefined
  /** Asks soon, however often it is wished for. */
  reload(): void
}

interface Answered<T> {
  readonly path: string
  readonly value?: T
  readonly error?: ApiError | undefined
}

/** Between two calls at least, whatever the reason: a busy queue tells ten things a second. */
const restMs = 400

/** A call under way is waited for, never doubled. */
export function usePolled<T>(path: string, everyMs: number): Polled<T> {
  const [last, setLast] = useState<Answered<T>>({ path })
  const hurry = useRef<() => void>(() => {})
  const reload = useCallback(() => hurry.current(), [])

  useEffect(() => {
    const ended = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let isWished = false
    let isUnderWay = false
    async function ask(): Promise<void> {
      isUnderWay = true
      isWished = false
      const next = await answerOf<T>(path, ended.signal)
      isUnderWay = false
      if (ended.signal.aborted) return
      setLast((before) => ({ ...(before.path === path ? before : {}), ...next, path }))
      timer = setTimeout(poll, isWished ? restMs : everyMs)
    }
    /** Nobody looks at a hidden page: the server is left alone until somebody does. */
    function poll(): void {
      if (document.visibilityState === 'visible') void ask()
      else timer = setTimeout(poll, everyMs)
    }
    hurry.current = () => {
      if (isWished) return
      isWished = true
      if (isUnderWay) return
      clearTimeout(timer)
      timer = setTimeout(poll, restMs)
    }
    void ask()
    return () => {
      ended.abort()
      clearTimeout(timer)
    }
  }, [path, everyMs])

  const { value, error }: Partial<Answered<T>> = last.path === path ? last : {}
  return { value, error, reload }
}

/** Never rejects. */
async function answerOf<T>(path: string, signal: AbortSignal): Promise<Omit<Answered<T>, 'path'>> {
  try {
    return { value: await readApi<T>(path, signal), error: undefined }
  } catch (reason) {
    const error = reason instanceof ApiError ? reason : new ApiError(0, 'unknown', String(reason))
    if (error.status === 401) forget('The session has ended. Log in again.')
    return { error }
  }
}
