/** `tiercel clean-up`: has an instance remove what nobody reads. */

import type { Command } from './command.ts'
import { JSON_OPTION } from './json-option.ts'
import { ADMIN_OPTIONS, adminOf } from './target-option.ts'

export const cleanUp: Command = {
  name: 'clean-up',
  summary: 'remove entries that nobody has read for as long as `idle` says, in a running instance',
  usage: '[options]',
  about: `
Has the instance do now what it does every \`idle.every\`. It answers at once; the source is never touched.`,
  options: [...ADMIN_OPTIONS, JSON_OPTION],
  async run(given, context) {
    const admin = adminOf(given, context)
    const { state } = await admin.post<{ readonly state: string }>('clean-up', {})
    await context.out(
      given.flag('json')
        ? `${JSON.stringify({ where: admin.where, state })}\n`
        : `Clean-up: ${state === 'running' ? 'it is under way already' : 'begun'}.\n`,
    )
  },
}
