/**
 * A TCP proxy that does to a connection what networks do: delay, narrowness, silence in one direction
 * or both, resets, refusal. A silent direction still takes bytes, as a stopped server's kernel does,
 * so keepalive does not notice it.
 */

import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { type Direction, DirectionPump } from './direction-pump.ts'

export class FaultProxy implements AsyncDisposable {
  readonly #target: number
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  readonly #pumps = new Set<DirectionPump>()
  #up: Direction = {}
  #down: Direction = {}
  #refusing = false
  #accepted = 0

  /** `target` is a port of the loopback interface; see `start`. */
  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket))
  }

  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Connections that are open. */
  get open(): number {
    return this.#pairs.size
  }

  /** Connections so far, with those that were refused. */
  get accepted(): number {
    return this.#accepted
  }

  /** `up` is from the client to the server. What is left out is without fault. */
  set(up: Direction, down: Direction = up): void {
    this.#up = up
    this.#down = down
    for (const pump of this.#pumps) pump.change()
  }

  blackHole(which: 'up' | 'down' | 'both' = 'both'): void {
    const silent = { blackHole: true }
    this.set(which === 'down' ? {} : silent, which === 'up' ? {} : silent)
  }

  /** Ends every open connection with a reset, to both sides. */
  reset(): void {
    for (const [client, server] of [...this.#pairs]) {
      client.resetAndDestroy()
      server.resetAndDestroy()
    }
  }

  /** Resets every connection, open and new. */
  refuse(): void {
    this.#refusing = true
    this.reset()
  }

  heal(): void {
    this.#refusing = false
    this.set({})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.reset()
    await closed
  }

  #accept(client: Socket): void {
    this.#accepted += 1
    // Its reset is no fault of the test.
    client.on('error', () => {})
    if (this.#refusing) {
      client.resetAndDestroy()
      return
    }
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const pair = [client, server] as const
    this.#pairs.add(pair)
    const pumps = [
      new DirectionPump(client, server, () => this.#up),
      new DirectionPump(server, client, () => this.#down),
    ]
    for (const pump of pumps) this.#pumps.add(pump)
    client.on('error', () => server.resetAndDestroy())
    server.on('error', () => client.resetAndDestroy())
    for (const socket of pair) {
      socket.on('close', () => {
        this.#pairs.delete(pair)
        for (const pump of pumps) this.#pumps.delete(pump)
        client.destroy()
        server.destroy()
      })
    }
  }
}
