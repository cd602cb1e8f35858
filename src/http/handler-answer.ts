/**
 * What a handler of Node writes into its response, as a web response: used by the adapters whose frameworks
 * hand out `ServerResponse`.
 *
 * The handler keeps the response object it has, but its head and its body come here first. What is written
 * to the client goes past it, by `send`. Or the client has its answer already, and the handler is asked
 * behind it: then nothing that it does to its response reaches the connection, which may serve another
 * request by now.
 */

import { Buffer } from 'node:buffer'
import type { NodeHeaders, NodeResponseLike } from './node-like.ts'
import { sendResponse } from './send-response.ts'

/** Bytes that wait for the reader before the handler is told to pause. */
const WAITING_BYTES = 65_536

/** What those in front of the cache have set in a response. */
export interface ResponsePreset {
  readonly status: number
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, number | string | readonly string[]>
}

export function presetOf(res: NodeResponseLike): ResponsePreset {
  const names = res.getHeaderNames()
  const headers = names.map((name) => [name.toLowerCase(), res.getHeader(name) ?? ''] as const)
  return { status: res.statusCode, headers: new Map(headers) }
}

export class HandlerAnswer {
  /** As soon as the handler has written its head. Rejects if the client goes before. */
  readonly response: Promise<Response>
  readonly #res: NodeResponseLike
  readonly #original: OriginalMethods
  readonly #head = Promise.withResolvers<Response>()
  readonly #headers = new Map<string, number | string | readonly string[]>()
  readonly #removed = new Set<string>()
  readonly #preset: ResponsePreset
  readonly #behind: boolean
  #status: number
  #body: ReadableStreamDefaultController<Uint8Array> | undefined
  #begun = false
  #ended = false
  #paused = false

  /**
   * From now on until the response is over. `before`: as `res` was before something else was answered, and
   * that is over; the handler finds it as if nothing had been.
   */
  constructor(res: NodeResponseLike, before?: ResponsePreset) {
    this.#res = res
    this.#behind = before !== undefined
    this.#preset = before ?? presetOf(res)
    this.#status = this.#preset.status
    this.response = this.#head.promise
    this.response.catch(() => {})
    this.#original = originalsOf(res)
    this.#takeOver()
    if (this.#behind) this.#standAlone()
    else res.once('close', () => this.#lose())
  }

  /** Writes to the client, at its pace. */
  async send(response: Response): Promise<void> {
    for (const name of this.#removed) this.#original.removeHeader(name)
    const { statusCode } = this.#res
    await sendResponse(this.#original, this.#res, response)
    this.#res.statusCode = statusCode
  }

  #takeOver(): void {
    const head = this.#headers
    const key = (name: string): string => name.toLowerCase()
    const own = {
      setHeader: (name: string, value: number | string | readonly string[]) => {
        this.#removed.delete(key(name))
        head.set(key(name), value)
        return this.#res
      },
      appendHeader: (name: string, value: string | readonly string[]) => {
        const before = own.getHeader(name)
        head.set(key(name), [before ?? [], value].flat().map(String))
        return this.#res
      },
      setHeaders: (headers: Iterable<readonly [string, string]>) => {
        for (const [name, value] of headers) own.setHeader(name, value)
        return this.#res
      },
      getHeader: (name: string) =>
        head.get(key(name)) ??
        (this.#removed.has(key(name)) ? undefined : this.#preset.headers.get(key(name))),
      getHeaders: () =>
        Object.fromEntries(own.getHeaderNames().map((name) => [name, own.getHeader(name)])),
      getHeaderNames: () => {
        const outer = [...this.#preset.headers.keys()]
        return [...new Set([...outer.filter((name) => !this.#removed.has(name)), ...head.keys()])]
      },
      hasHeader: (name: string) => own.getHeader(name) !== undefined,
      removeHeader: (name: string) => {
        head.delete(key(name))
        this.#removed.add(key(name))
      },
      writeHead: (status: number, ...rest: readonly unknown[]) => {
        this.#status = status
        const given = rest.find((part) => typeof part === 'object' && part !== null)
        // A list may name a field several times, and replaces what was said before.
        const fields = new Map<string, (number | string)[]>()
        for (const [name, value] of pairsOf(given as NodeHeaders | undefined)) {
          fields.set(key(name), [...(fields.get(key(name)) ?? []), value].flat())
        }
        for (const [name, values] of fields) head.set(name, values.map(String))
        return this.#res
      },
      flushHeaders: () => this.#begin(),
      write: (chunk: unknown, ...rest: readonly unknown[]) => {
        this.#begin()
        this.#push(chunk, rest)
        return !this.#paused
      },
      end: (...args: readonly unknown[]) => {
        const [chunk, ...rest] = args
        this.#begin()
        if (chunk != null && typeof chunk !== 'function') this.#push(chunk, rest)
        else called(args)
        this.#finish((body) => body.close())
        return this.#res
      },
    }
    Object.assign(this.#res, own)
    Object.defineProperties(this.#res, {
      statusCode: {
        get: () => this.#status,
        set: (status) => {
          this.#status = status
        },
        configurable: true,
      },
      headersSent: { get: () => this.#begun, configurable: true },
      writableEnded: { get: () => this.#ended, configurable: true },
    })
  }

  /** Its response is over, and nobody waits for its events any more: they are the handler's from now on. */
  #standAlone(): void {
    const res = this.#res
    res.removeAllListeners()
    const ended = { get: () => this.#ended, configurable: true }
    // What streams that are piped into it go by: of one that is over they take nothing.
    const states = ['destroyed', 'closed', 'finished', 'writableFinished']
    Object.defineProperties(res, Object.fromEntries(states.map((name) => [name, ended])))
    res.destroy = () => {
      this.#breakOff('The handler has ended its answer before it was whole.')
      return res
    }
  }

  #begin(): void {
    if (this.#begun) return
    // By way of the object: who watches for the head has put something in between.
    this.#res.writeHead(this.#status)
    const status = this.#status
    if (!(status >= 200 && status <= 599)) {
      // Told to the handler, as Node does with what is no status, so that it may answer something else.
      throw new RangeError(`Expected a status from 200 to 599, got ${status}.`)
    }
    const headers = new Headers()
    for (const [name, value] of this.#headers) {
      for (const one of Array.isArray(value) ? value : [value]) headers.append(name, String(one))
    }
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#body = controller
        },
        pull: () => {
          if (!this.#paused) return
          this.#paused = false
          this.#res.emit('drain')
        },
        // Nobody wants it: the handler writes on, and it goes nowhere.
        cancel: () => {
          this.#body = undefined
          this.#paused = false
          this.#res.emit('drain')
        },
      },
      new ByteLengthQueuingStrategy({ highWaterMark: WAITING_BYTES }),
    )
    this.#begun = true
    const bare = [204, 205, 304].includes(status)
    // As Node does, which drops what is written into an answer without a body: nobody else would read it.
    if (bare) this.#body = undefined
    this.#head.resolve(new Response(bare ? null : body, { status, headers }))
  }

  #push(chunk: unknown, rest: readonly unknown[]): void {
    const encoding = typeof rest[0] === 'string' ? (rest[0] as BufferEncoding) : 'utf8'
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : (chunk as Uint8Array)
    if (!this.#ended && this.#body !== undefined && bytes.byteLength > 0) {
      // A copy: a handler may write into its buffer again as soon as it is told that it is written.
      this.#body.enqueue(new Uint8Array(bytes))
      this.#paused = (this.#body.desiredSize ?? 1) <= 0
    }
    called(rest)
  }

  #lose(): void {
    // Answered with something else, the client has no part in what the handler still does.
    if (this.#ended || this.#res.writableFinished) return
    this.#breakOff('The client has gone before the answer was whole.')
  }

  #breakOff(why: string): void {
    const error = new Error(why)
    this.#head.reject(error)
    this.#finish((body) => body.error(error))
  }

  #finish(how: (body: ReadableStreamDefaultController<Uint8Array>) => void): void {
    if (this.#ended) return
    this.#ended = true
    const body = this.#body
    this.#body = undefined
    if (body !== undefined) how(body)
    if (!this.#behind) return
    // Nothing else will tell the handler that its answer was taken.
    queueMicrotask(() => {
      this.#res.emit('finish')
      this.#res.emit('close')
    })
  }
}

function pairsOf(headers: NodeHeaders | undefined): HeaderPair[] {
  if (headers === undefined) return []
  if (!isList(headers)) {
    return Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
  }
  if (Array.isArray(headers[0])) return headers as HeaderPair[]
  return headers.flatMap((name, at) =>
    at % 2 === 0 ? [[String(name), String(headers[at + 1])] as const] : [],
  )
}

type HeaderPair = readonly [string, number | string | readonly string[]]

function isList(headers: NodeHeaders): headers is readonly unknown[] {
  return Array.isArray(headers)
}

function called(args: readonly unknown[]): void {
  const callback = args.findLast((part) => typeof part === 'function')
  if (callback !== undefined) queueMicrotask(callback as () => void)
}

type OriginalMethods = Pick<
  NodeResponseLike,
  'setHeader' | 'removeHeader' | 'writeHead' | 'write' | 'end'
>

/** Methods as they were, bound. */
function originalsOf(res: NodeResponseLike): OriginalMethods {
  const names = ['setHeader', 'removeHeader', 'writeHead', 'write', 'end'] as const
  const bound = names.map((name) => [name, res[name].bind(res)])
  return Object.fromEntries(bound) as OriginalMethods
}
