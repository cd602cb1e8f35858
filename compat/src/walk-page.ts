/**
 * The way of a newcomer who does what a page says, block by block from its top, in one folder: commands are
 * carried out, programs are saved and run.
 */

import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Step {
  /** The line of the page, for people. */
  readonly line: number
  /** The command, or the first line of the program. */
  readonly what: string
  readonly code: string
  readonly kind: 'install' | 'program' | 'command' | 'of the checkout'
}

export interface Walk {
  readonly folder: string
  /** Stands for `tiercel` where it is installed: what would be published. */
  readonly tarball: string
  /** Of each Redis that the page speaks of. */
  readonly redisUrl: string
  /** Makes another package known that the page installs. */
  readonly link: (name: string) => void
}

const REDIS_URL = 'redis://127.0.0.1:6379'
const STEP_MS_MAX = 30_000

/**
 * What the page asks its reader to do, in its order. A program that continues the one before it is one with
 * it. Blocks in other languages are there to be read.
 *
 * @throws Error for a command that nobody has taught us, so that none is passed over.
 */
export function stepsOfPage(page: string): Step[] {
  const steps: Step[] = []
  for (const match of page.matchAll(/^```(ts|sh)\b([^\n]*)\n([\s\S]*?)^```/gm)) {
    const [, language, words = '', text = ''] = match
    const line = page.slice(0, match.index).split('\n').length
    if (language === 'sh') steps.push(...commandsOf(line, text))
    else if (words.trim() === 'continue') steps.push(continued(steps, line, text))
    else steps.push({ line, what: firstLine(text), code: text, kind: 'program' })
  }
  return steps
}

function commandsOf(line: number, text: string): Step[] {
  return text.split('\n').flatMap((written, at): Step[] => {
    const command = written.replace(/\s+#.*$/, '').trim()
    if (command === '' || command.startsWith('#')) return []
    return [{ line: line + 1 + at, what: command, code: command, kind: kindOf(command) }]
  })
}

function kindOf(command: string): Step['kind'] {
  if (/^npm (install|i|add) /.test(command)) return 'install'
  if (/^npm (start|test|run )/.test(command)) return 'of the checkout'
  if (/^(npx tiercel|node) /.test(command)) return 'command'
  throw new Error(`Nobody knows how to try \`${command}\`: teach walk-page.ts, or change the page.`)
}

function continued(steps: readonly Step[], line: number, text: string): Step {
  const last = steps.findLast(({ kind }) => kind === 'program')
  if (last === undefined) throw new Error(`Line ${line}: there is nothing to continue.`)
  return { ...last, line, code: last.code + text }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? ''
}

/** Takes one step. @throws Error with what was printed, if it does not end well. */
export function takeStep({ folder, tarball, redisUrl, link }: Walk, step: Step): void {
  const { kind, code, line } = step
  if (kind === 'of the checkout') return
  if (kind === 'install') {
    const names = code
      .split(/\s+/)
      .slice(2)
      .filter((word) => !word.startsWith('-'))
    if (names.includes('tiercel')) run(folder, line, 'npm', ['install', '--offline', tarball])
    for (const name of names) if (name !== 'tiercel') link(name)
  } else if (kind === 'command') {
    const [command = '', ...args] = code.replaceAll(REDIS_URL, redisUrl).split(/\s+/)
    run(folder, line, command, args)
  } else {
    const file = `line-${line}.ts`
    writeFileSync(join(folder, file), code.replaceAll(REDIS_URL, redisUrl))
    run(folder, line, process.execPath, [file])
  }
}

function run(folder: string, line: number, command: string, args: readonly string[]): void {
  const options = { cwd: folder, encoding: 'utf8', timeout: STEP_MS_MAX } as const
  const { status, stdout, stderr, error } = spawnSync(command, args, options)
  if (status === 0) return
  const why = error?.message ?? `${stdout}${stderr}`
  throw new Error(`Line ${line}, \`${[command, ...args].join(' ')}\`: ${why}`)
}
