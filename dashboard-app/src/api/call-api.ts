/** Calls of the admin API, with a time limit and errors in words. The session is a cookie. */

import { ApiError } from './api-error.ts'

/** A dry run over a million keys takes seconds; what takes longer than this has failed for a person. */
const callMsMax = 20_000

/** Where the API is: beside the page, whatever path that is served under. */
export function apiUrl(path: string): string {
  return new URL(`api/v1/${path}`, document.baseURI).href
}

/** @throws ApiError */
export function readApi<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>(path, { method: 'GET' }, signal)
}

/** @throws ApiError */
export function changeByApi<T>(path: string, body: unknown): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return call<T>(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function call<T>(path: string, init: RequestInit, signal?: AbortSignal): Promise<T> {
  const limit = AbortSignal.timeout(callMsMax)
  const either = signal === undefined ? limit : AbortSignal.any([limit, signal])
  let response: Response
  try {
    response = await fetch(apiUrl(path), {
      ...init,
      cache: 'no-store',
      credentials: 'same-origin',
      signal: either,
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new ApiError(0, 'unreachable', unreachable(limit.aborted))
  }
  const answer = await readJson(response)
  if (response.ok) return answer as T
  throw errorOf(response, answer)
}

function unreachable(timedOut: boolean): string {
  return timedOut
    ? `No answer within ${callMsMax / 1_000} s. The process may be busy, or gone.`
    : 'The process that serves this page does not answer.'
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json()
  } catch {
    return undefined
  }
}

function errorOf(response: Response, answer: unknown): ApiError {
  const { error } = (answer ?? {}) as {
    error?: { code?: string; message?: string; field?: string }
  }
  const words = error?.message ?? `The answer was ${response.status} ${response.statusText}.`
  return new ApiError(response.status, error?.code ?? 'unknown', words, error?.field)
}
