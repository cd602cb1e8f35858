/** Prometheus' own judge of texts and rules, where it is installed (Debian: `prometheus`). */

import { spawnSync } from 'node:child_process'

export interface Judged {
  readonly status: number | null
  readonly output: string
}

export function promtool(args: readonly string[], input?: string): Judged {
  const { status, stdout, stderr } = spawnSync('promtool', args, { input, encoding: 'utf8' })
  return { status, output: `${stdout}${stderr}` }
}

export const hasPromtool: boolean = promtool(['--version']).status === 0
