/** `tiercel warm`: has an instance carry out the warming that a collection plans. */

import type { Command } from './command.ts'
import { UsageError } from './exit-code.ts'
import { JSON_OPTION } from './json-option.ts'
import { ADMIN_OPTIONS, adminOf } from './target-option.ts'

export const warm: Command = {
  name: 'warm',
  summary: 'carry out the planned warming of a collection now, in a running instance',
  usage: '--collection <name> [options]',
  about: `
Has the instance do what the collection's \`warm.start\` does when it starts. It needs a running instance, since
only its code knows how to load; it answers at once, and \`tiercel watch\` shows how far it is.`,
  options: [
    { name: 'collection', value: '<name>', summary: 'the collection' },
    ...ADMIN_OPTIONS,
    JSON_OPTION,
  ],
  async run(given, context) {
    const collection = given.required('collection')
    if (collection === '') throw new UsageError('Option --collection is a name')
    const admin = adminOf(given, context)
    const { state } = await admin.post<{ readonly state: string }>('warm', { collection })
    const answer = { where: admin.where, collection, state }
    await context.out(
      given.flag('json')
        ? `${JSON.stringify(answer)}\n`
        : `Warming of ${collection}: ${state === 'running' ? 'it is under way already' : 'begun'}.\n`,
    )
  },
}
