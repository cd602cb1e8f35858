/** `tiercel watch`: what goes on, again and again, until it is ended. */

import { setTimeout as pause } from 'node:timers/promises'
import type { InstanceReport, MetricsSnapshot } from '../index.ts'
import type { AdminClient } from './admin-client.ts'
import type { Command, CommandContext, GivenOptions } from './command.ts'
import { EXIT, type ExitCode, UnreachableError } from './exit-code.ts'
import { JSON_OPTION } from './json-option.ts'
import { LiveScreen } from './live-screen.ts'
import { plainText } from './plain-text.ts'
import { TARGET_OPTIONS, type Target, withTarget } from './target-option.ts'
import type { Tick } from './tick.ts'
import { tierAnswer } from './tier-answer.ts'
import { tierTick } from './tier-tick.ts'
import { watchTick } from './watch-tick.ts'

const DEFAULT_EVERY_MS = 1_000

export const watch: Command = {
  name: 'watch',
  summary: 'watch hit rates, latency, loads, queues, health and instances, live',
  usage: '[--every <time>] [options]',
  about: `
Shows what goes on, until Ctrl-C. Rates are of the time between two looks. Where the output is no terminal, one
line each time; with --json one object. When nobody answers any more it says since when, and goes on asking.`,
  options: [
    { name: 'every', value: '<time>', summary: 'time between two looks (default: 1s)' },
    { name: 'count', value: '<count>', summary: 'end after so many looks' },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  run: (given, context) => withTarget(given, context, (target) => look(target, given, context)),
}

async function look(
  target: Target,
  given: GivenOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const everyMs = given.span('every') ?? DEFAULT_EVERY_MS
  const most = given.whole('count', { least: 1, most: 1_000_000_000 }) ?? Number.POSITIVE_INFINITY
  const screen = context.terminal && !given.flag('json') ? new LiveScreen(context) : undefined
  const next = looker(target)
  let tick: Tick | undefined
  try {
    for (let looks = 1; !context.signal.aborted; looks += 1) {
      tick = await nextOrOld(next, tick, context.signal)
      if (tick === undefined) break
      await (screen === undefined ? line(tick, given, context) : screen.show(tick.lines))
      if (looks >= most) break
      await pause(everyMs, undefined, { signal: context.signal }).catch(() => {})
    }
  } finally {
    await screen?.leave(tick?.lines ?? [])
  }
  return EXIT.done
}

async function line(tick: Tick, given: GivenOptions, { out }: CommandContext): Promise<void> {
  await out(`${given.flag('json') ? JSON.stringify(tick.json) : plainText(tick.line)}\n`)
}

/** `undefined`: it was ended meanwhile. The first look has to succeed. @throws UnreachableError */
async function nextOrOld(
  next: () => Promise<Tick>,
  last: Tick | undefined,
  signal: AbortSignal,
): Promise<Tick | undefined> {
  try {
    return await next()
  } catch (error) {
    if (signal.aborted) return undefined
    const isAway =
      error instanceof UnreachableError || (error as { readonly code?: unknown }).code === 'tier'
    if (last === undefined || !isAway) throw error
    return outdated(last, (error as Error).message)
  }
}

/** The last figures, with since when they are old. */
function outdated(last: Tick, fault: string): Tick {
  const since = last.oldSince ?? last.at
  const words = `${fault} These figures are of ${new Date(since).toISOString().slice(11, 19)} UTC.`
  const lines = last.oldSince === undefined ? last.lines : last.lines.slice(1)
  return {
    ...last,
    oldSince: since,
    lines: [{ text: words, tone: 'bad' }, ...lines],
    line: `${new Date().toISOString().slice(11, 19)} ${words}`,
    json: { at: Date.now(), error: { code: 'unreachable', message: fault }, oldSince: since },
  }
}

function looker(target: Target): () => Promise<Tick> {
  if (target.kind === 'tier') {
    const { desk } = target
    return async () => tierTick(await tierAnswer(desk))
  }
  const { admin } = target
  let before: MetricsSnapshot | undefined
  return async () => {
    const snapshot = await admin.get<MetricsSnapshot>('stats')
    const tick = watchTick({
      where: admin.where,
      before,
      now: snapshot,
      fleet: await others(admin),
    })
    before = snapshot
    return tick
  }
}

async function others(admin: AdminClient): Promise<readonly InstanceReport[]> {
  const fleet = await admin.get<readonly InstanceReport[]>('fleet')
  return fleet.filter(({ own }) => !own)
}
