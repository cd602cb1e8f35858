/** A real Prometheus that scrapes one address of this machine, where it is installed. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../servers/free-port.ts'
import { until } from '../servers/until.ts'

export const hasPrometheus: boolean = spawnSync('prometheus', ['--version']).status === 0

export interface RunningPrometheus extends AsyncDisposable {
  /** Results of an instant query. @throws Error with what Prometheus says of a query that is wrong. */
  query(expression: string): Promise<readonly Sample[]>
  ask(path: string): Promise<unknown>
}

export interface Sample {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [number, string]
}

export async function startPrometheus(target: string): Promise<RunningPrometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-prometheus-'))
  const port = await freePort()
  const config = join(folder, 'prometheus.yml')
  writeFileSync(
    config,
    `scrape_configs:
  - job_name: shop
    scrape_interval: 1s
    static_configs: [{ targets: ['${target}'] }]
`,
  )
  const server = spawn(
    'prometheus',
    [
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  )
  const ended = once(server, 'exit')
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`)
    const { data, error } = (await response.json()) as { data: unknown; error?: string }
    if (error !== undefined) throw new Error(error)
    return data
  }
  const stop = async (): Promise<void> => {
    server.kill('SIGKILL')
    await ended
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await until('Prometheus answers', async () => (await ask('query?query=1')) !== undefined)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    ask,
    async query(expression) {
      const data = await ask(`query?query=${encodeURIComponent(expression)}`)
      return (data as { result: readonly Sample[] }).result
    },
    [Symbol.asyncDispose]: stop,
  }
}
