/** `tiercel mode`, `mode set` and `shadow`: switches at run time. */

import type { CacheMode } from '../index.ts'
import type { Command } from './command.ts'
import { UsageError } from './exit-code.ts'
import { percent } from './figures.ts'
import { JSON_OPTION } from './json-option.ts'
import { ADMIN_OPTIONS, adminOf } from './target-option.ts'
import { textTable } from './text-table.ts'

const COLLECTION = {
  name: 'collection',
  value: '<name>',
  summary: 'the collection (default: plain keys)',
} as const

interface ModeLine {
  readonly collection: string | null
  readonly mode: CacheMode
  readonly shadowShare?: number
}

export const mode: Command = {
  name: 'mode',
  summary: 'show which collections are switched off, or to one tier',
  usage: '[options]',
  about: `
Shows what each collection does with its entries in the instance that is asked: on; memory: without the shared
tier; shared: without a copy in the process; off: every read goes to the source.`,
  options: [...ADMIN_OPTIONS, JSON_OPTION],
  async run(given, context) {
    const admin = adminOf(given, context)
    const modes = await admin.get<readonly ModeLine[]>('modes')
    const rows = modes.map((line) => [
      line.collection || '(plain keys)',
      line.mode,
      line.shadowShare === undefined || line.shadowShare === 0 ? '-' : percent(line.shadowShare),
    ])
    const columns = [{ title: 'collection', most: 64 }, { title: 'mode' }, { title: 'shadow' }]
    await context.out(
      given.flag('json')
        ? `${JSON.stringify({ where: admin.where, modes })}\n`
        : `${textTable(columns, rows).join('\n')}\n`,
    )
  },
}

export const modeSet: Command = {
  name: 'mode set',
  summary: 'switch a collection off, to one tier, or on again, in one instance or all',
  usage: '--mode <mode> [--collection <name>] [--scope fleet] [options]',
  about: `
Switches a collection while it is at work, without an error for anyone: off sends every read to the source,
memory does without the shared tier, shared without copies in the process. Writes to the source go on in each.`,
  options: [
    {
      name: 'mode',
      value: '<mode>',
      words: ['on', 'memory', 'shared', 'off'],
      summary: 'what it is to do',
    },
    COLLECTION,
    {
      name: 'scope',
      value: '<scope>',
      words: ['instance', 'fleet'],
      summary: 'the instance that is asked, or every one, heard within 5 s (default: instance)',
    },
    ...ADMIN_OPTIONS,
    JSON_OPTION,
  ],
  async run(given, context) {
    const wanted = given.required('mode')
    const scope = given.text('scope') ?? 'instance'
    const collection = given.text('collection')
    const admin = adminOf(given, context)
    await admin.post('modes', {
      ...(collection === undefined ? {} : { collection }),
      mode: wanted,
      scope,
    })
    const answer = { where: admin.where, collection: collection ?? null, mode: wanted, scope }
    const where = scope === 'fleet' ? 'in every instance' : 'in this instance'
    await context.out(
      given.flag('json')
        ? `${JSON.stringify(answer)}\n`
        : `${collection ?? 'Plain keys'}: ${wanted} ${where}.\n`,
    )
  },
}

export const shadow: Command = {
  name: 'shadow',
  summary: 'load a share of the hits as well, to see whether the cache answers as the source does',
  usage: '--collection <name> --share <0..1> [options]',
  about: `
While a share of a collection's hits is shadowed, each is loaded as well, and what differs is counted: readers
are answered from the cache and wait for nothing. A share of 0 ends it. In the instance that is asked.`,
  options: [
    { ...COLLECTION, summary: 'the collection' },
    { name: 'share', value: '<share>', summary: 'of the hits, from 0 to 1, as 0.01' },
    ...ADMIN_OPTIONS,
    JSON_OPTION,
  ],
  async run(given, context) {
    const collection = given.required('collection')
    const share = shareOf(given.required('share'))
    const admin = adminOf(given, context)
    await admin.post('shadow', { collection, share })
    await context.out(
      given.flag('json')
        ? `${JSON.stringify({ where: admin.where, collection, share })}\n`
        : `${collection}: ${percent(share)} of its hits are loaded as well.\n`,
    )
  },
}

/** @throws UsageError */
function shareOf(text: string): number {
  const share = /^(0(\.\d{1,6})?|1(\.0{1,6})?)$/.test(text) ? Number(text) : Number.NaN
  if (share >= 0 && share <= 1) return share
  throw new UsageError(`Option --share is a number from 0 to 1, and not '${text}'`)
}
