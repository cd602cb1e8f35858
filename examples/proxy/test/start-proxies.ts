/** Proxies as processes of their own, before one origin. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

export interface Origin {
  readonly url: string
  /** Requests that have come here, as `GET /path`. */
  readonly asked: string[]
}

export async function startOrigin(
  answer: (req: IncomingMessage, res: ServerResponse) => void,
): Promise<Origin> {
  const asked: string[] = []
  const server = createServer((req, res) => {
    asked.push(`${req.method} ${req.url}`)
    answer(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

export interface StartedProxy {
  readonly url: string
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
}

/** Killed when the test ends, if it still runs. */
export async function startProxyProcess(...args: readonly string[]): Promise<StartedProxy> {
  const child = spawn(process.execPath, [MAIN, '--port', '0', ...args], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close').then(([code]): number | null => code)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let said = ''
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text
        const address = /^Tiercel proxy: (\S+) before/m.exec(said)?.[1]
        if (address !== undefined) resolve(address)
      })
    }
    void ended.then(() => reject(new Error(`The proxy ended: ${said}`)))
  })
  return { url, child, ended }
}
