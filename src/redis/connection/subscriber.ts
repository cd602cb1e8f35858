/**
 * The connection that messages come over. It is asked for a sign of life twice a second, since a
 * server that was stopped leaves a silent subscriber waiting for ever.
 */

import { TierError } from '../../contracts/errors.ts'
import type { Report } from '../../contracts/events.ts'
import { isMissingRight } from './missing-right.ts'
import { type LinkOptions, NodeLink } from './node-link.ts'
import type { RedisError } from './redis-error.ts'

const PING_MS = 500
/** Signs of life after which what is refused is asked for again: rights are given back without a word. */
const PINGS_PER_REQUEST = 10

export type SubscriberOptions = Omit<LinkOptions, 'greet' | 'onReady' | 'onDown'> & {
  /** Subscribed again: messages may have been missed. */
  readonly onAgain: () => void
  readonly report: Report
}

interface Channel {
  readonly listeners: ((message: string) => void)[]
  readonly confirmed: PromiseWithResolvers<void>
  /**
   * `new`: never confirmed. `on`: on the connection as it stands. `lost`: it was on one that has ended.
   * `refused`: it was on, and the user lacks the right now, of which people were told.
   */
  state: 'new' | 'on' | 'lost' | 'refused'
}

export class Subscriber {
  readonly #options: SubscriberOptions
  readonly #channels = new Map<string, Channel>()
  #link: NodeLink | undefined
  #cancelPing: (() => void) | undefined
  #connections = 0
  #pings = 0
  #closed = false

  constructor(options: SubscriberOptions) {
    this.#options = options
  }

  /** The number of the connection that messages come over; `undefined` unless all channels are on it. */
  get hearing(): number | undefined {
    const isReady = this.#link?.isReady ?? false
    const areOn = [...this.#channels.values()].every(({ state }) => state === 'on')
    return isReady && areOn ? this.#connections : undefined
  }

  /** Why there is no connection, where one is needed. */
  get fault(): string | undefined {
    return this.#link?.fault
  }

  /** The connection is opened with the first channel. @throws TierError if refused, or closed before. */
  async subscribe(channel: string, listener: (message: string) => void): Promise<void> {
    if (this.#closed) throw closedError()
    const known = this.#channels.get(channel)
    if (known !== undefined) {
      known.listeners.push(listener)
      await known.confirmed.promise
      return
    }
    const added: Channel = {
      listeners: [listener],
      confirmed: Promise.withResolvers(),
      state: 'new',
    }
    this.#channels.set(channel, added)
    if (this.#link === undefined) this.#open()
    else if (this.#link.isReady) this.#ask(this.#link, [channel])
    try {
      await added.confirmed.promise
    } catch (error) {
      this.#channels.delete(channel)
      throw error
    }
  }

  /** The server has changed: messages come over a new connection from now on. */
  restart(fault: string): void {
    this.#link?.restart(fault)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelPing?.()
    this.#link?.close()
    for (const { confirmed } of this.#channels.values()) confirmed.reject(closedError())
    this.#channels.clear()
  }

  #open(): void {
    const link: NodeLink = new NodeLink({
      ...this.#options,
      greet: () => Promise.resolve(undefined),
      onReady: (again) => this.#begin(link, again),
      onDown: () => this.#cancelPing?.(),
    })
    this.#link = link
  }

  #begin(link: NodeLink, again: boolean): void {
    this.#connections += 1
    this.#pings = 0
    for (const channel of this.#channels.values()) {
      if (channel.state === 'on') channel.state = 'lost'
    }
    this.#ask(link, [...this.#channels.keys()], again)
    this.#pingLater(link)
  }

  /** The answer to a PING is waited for by the link's own watch. */
  #pingLater(link: NodeLink): void {
    this.#cancelPing?.()
    const ping = (): void => {
      link.send([['PING']]).catch(() => {})
      this.#pings += 1
      if (this.#pings % PINGS_PER_REQUEST === 0) this.#askForRefused(link)
      this.#pingLater(link)
    }
    this.#cancelPing = this.#options.clock.schedule(PING_MS, ping, 'upkeep')
  }

  #askForRefused(link: NodeLink): void {
    const refused = [...this.#channels].filter(([, { state }]) => state === 'refused')
    const names = refused.map(([name]) => name)
    if (names.length > 0) this.#ask(link, names, true)
  }

  #ask(link: NodeLink, names: readonly string[], again = false): void {
    const asked = names.map((name) => this.#askFor(link, name))
    // Each outcome has been told to who asked for the channel.
    Promise.all(asked).then(
      (areOn) => again && areOn.includes(true) && this.#options.onAgain(),
      () => {},
    )
  }

  /** Answers whether its messages come now. @throws if the connection has ended. */
  async #askFor(link: NodeLink, name: string): Promise<boolean> {
    const channel = this.#channels.get(name)
    if (channel === undefined) return false
    const deliver = (message: string): void => {
      for (const listener of channel.listeners) listener(message)
    }
    try {
      await link.subscribe(name, deliver)
      channel.state = 'on'
      channel.confirmed.resolve()
      return true
    } catch (error) {
      // The connection has ended, and the next one asks again.
      if (!isMissingRight(error)) throw error
      this.#refuse(channel, refusedError(error))
      return false
    }
  }

  #refuse(channel: Channel, error: TierError): void {
    if (channel.state === 'new') channel.confirmed.reject(error)
    if (channel.state !== 'lost') return
    // Whoever asked for the channel was told long ago that it is on.
    channel.state = 'refused'
    this.#options.report({ type: 'tier-failure', tier: 'shared', operation: 'subscribe', error })
  }
}

function closedError(): TierError {
  return new TierError('redis', 'The connection for messages has been closed.')
}

function refusedError(error: RedisError): TierError {
  return new TierError(
    'redis',
    `Redis refused to pass on messages: ${error.message} The user needs the right to the cache's channels ('&' in its ACL), unless the cache polls (coherence.follow: 'poll').`,
    { cause: error },
  )
}
