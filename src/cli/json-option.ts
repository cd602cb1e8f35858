import type { CommandOption } from './command.ts'

/** Of every command: one object, or one a line, in place of words. */
export const JSON_OPTION: CommandOption = { name: 'json', summary: 'answer in JSON' }
