/** The admin API of a running instance, over HTTP. */

import { RefusedError, UnreachableError, UsageError } from './exit-code.ts'

/** Where the API lives unless the URL has a path of its own. */
const DEFAULT_BASE = '/tiercel'
/** What an answer may have: 500 patterns with histograms take about 1 MB. */
const MAX_ANSWER_BYTES = 64 * 1_024 * 1_024

export interface AdminAddress {
  readonly url: string
  readonly token: string | undefined
  /** For each call. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

type Query = Readonly<Record<string, string | undefined>>

/** An answer that is an error, in the words of the API. */
export class AdminError extends Error {
  readonly status: number
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/**
 * @throws from each call: UnreachableError; RefusedError; AdminError for any other answer that is not
 * what was asked for.
 */
export class AdminClient {
  /** Without what could be secret in it. */
  readonly where: string
  readonly #base: string
  readonly #address: AdminAddress

  /** @throws UsageError for what is no URL of HTTP. */
  constructor(address: AdminAddress) {
    const url = URL.parse(address.url)
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      throw new UsageError('Option --url is a URL like http://127.0.0.1:3000/tiercel')
    }
    const path = url.pathname === '/' ? DEFAULT_BASE : url.pathname.replace(/\/+$/, '')
    this.where = `${url.origin}${path}`
    this.#base = `${url.origin}${path}/api/v1/`
    this.#address = address
  }

  get<T>(route: string, query: Query = {}): Promise<T> {
    return this.#ask<T>(this.#url(route, query), { method: 'GET' })
  }

  post<T>(route: string, body: object): Promise<T> {
    return this.#ask<T>(this.#url(route, {}), {
      method: 'POST',
      body: JSON.stringify(body),
    })
  }

  #url(route: string, query: Query): URL {
    const url = new URL(route, this.#base)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, value)
    }
    return url
  }

  async #ask<T>(url: URL, init: { readonly method: string; readonly body?: string }): Promise<T> {
    const response = await this.#send(url, init)
    const text = await this.#bodyOf(response)
    const body = parsed(text)
    if (response.ok && body !== undefined) return body as T
    throw this.#refusal(response.status, body)
  }

  async #send(
    url: URL,
    init: { readonly method: string; readonly body?: string },
  ): Promise<Response> {
    const { token, timeoutMs, signal } = this.#address
    const headers = new Headers({ accept: 'application/json' })
    if (token !== undefined) headers.set('authorization', `Bearer ${token}`)
    if (init.body !== undefined) headers.set('content-type', 'application/json')
    try {
      return await fetch(url, {
        ...init,
        headers,
        // The token goes nowhere else.
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      })
    } catch (error) {
      throw this.#unreachable(error)
    }
  }

  async #bodyOf(response: Response): Promise<string> {
    const chunks: Uint8Array[] = []
    let size = 0
    try {
      for await (const chunk of response.body ?? []) {
        size += chunk.byteLength
        if (size > MAX_ANSWER_BYTES) throw new Error('The answer is too long.')
        chunks.push(chunk)
      }
    } catch (error) {
      throw this.#unreachable(error)
    }
    return Buffer.concat(chunks).toString()
  }

  #unreachable(error: unknown): Error {
    const { timeoutMs, signal } = this.#address
    if (signal.aborted) return new Error('It was ended before it was done.')
    const { name, message, cause } = error as Error & {
      readonly cause?: { readonly code?: string }
    }
    const fault =
      name === 'TimeoutError' ? `no answer within ${timeoutMs} ms` : (cause?.code ?? message)
    return new UnreachableError(`The admin API at ${this.where} does not answer: ${fault}`)
  }

  #refusal(status: number, body: unknown): Error {
    const { code, message, field } = errorIn(body)
    if (status === 401 || status === 403) {
      const cure =
        status === 401
          ? 'Give a token with --token, or in TIERCEL_ADMIN_TOKEN.'
          : 'It takes a token with the right to write.'
      return new RefusedError(`${message ?? `The admin API answered ${status}.`} ${cure}`)
    }
    const words =
      body === undefined
        ? `${this.where} answered ${status}, and not as an admin API does. Is the path right?`
        : status === 404 && (field === undefined || field === 'path')
          ? `There is no open admin API at ${this.where}. Is the path right, and is a token set there?`
          : (message ?? `The admin API answered ${status}.`)
    return new AdminError(status, code ?? `http-${status}`, words)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

interface AdminFault {
  readonly code?: string
  readonly message?: string
  readonly field?: string
}

function errorIn(body: unknown): AdminFault {
  const { error } = (body ?? {}) as { readonly error?: unknown }
  if (typeof error !== 'object' || error === null) return {}
  const { code, message, field } = error as Readonly<Record<string, unknown>>
  return {
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof message === 'string' ? { message } : {}),
  }
}
