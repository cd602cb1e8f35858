/** Several instances of the shop as processes, asked over HTTP. */

import type { ChildProcess } from 'node:child_process'
import { newFolder } from './new-folder.ts'
import { type Ended, startShop } from './start-shop.ts'

export interface InstanceAnswer {
  readonly status: number
  readonly body: string
  /** The whole body as JSON. */
  json(): never
  /** Who answered, by `Server-Timing`. */
  readonly instance: string | undefined
  readonly tier: string | undefined
  readonly durationMs: number
}

export interface Instance {
  readonly name: string
  readonly url: string
  readonly pid: number
  get(path: string): Promise<InstanceAnswer>
  send(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<InstanceAnswer>
}

export interface StartedInstances {
  /** Of the process that has started them. */
  readonly parent: ChildProcess
  readonly ended: Promise<Ended>
  readonly instances: readonly Instance[]
  /** Opens the dashboard of the first, once. */
  readonly dashboard: string
  complaints(): string
}

const LINE = /^Tiercel (\S+): (http:\S+) \(process (\d+)\)$/gm

export async function startInstances(
  count: number,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedInstances> {
  const shop = startShop({
    env: { DATA_DIR: await newFolder(), ...env },
    args: ['--instances', String(count)],
  })
  const text = await shop.printed(/^API description: /m)
  const instances = [...text.matchAll(LINE)].map(([, name = '', url = '', pid]) =>
    instanceAt(name, url, Number(pid)),
  )
  const dashboard = /^Dashboard: (\S+)$/m.exec(text)?.[1] ?? ''
  const { child: parent, ended, complaints } = shop
  return { parent, ended, instances, dashboard, complaints }
}

export function instanceAt(name: string, url: string, pid: number): Instance {
  return {
    name,
    url,
    pid,
    get: (path) => ask(url + path),
    send: (method, path, body) =>
      ask(url + path, {
        method,
        ...(body && {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      }),
  }
}

async function ask(url: string, init: RequestInit = {}): Promise<InstanceAnswer> {
  const askedAt = performance.now()
  const response = await fetch(url, init)
  const body = await response.text()
  const timing = response.headers.get('server-timing') ?? ''
  return {
    status: response.status,
    body,
    json: () => JSON.parse(body) as never,
    instance: /instance;desc="([^"]+)"/.exec(timing)?.[1],
    tier: /cache;desc="(\w+)"/.exec(timing)?.[1],
    durationMs: performance.now() - askedAt,
  }
}
