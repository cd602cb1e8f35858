/**
 * Notes that values were read, where that was not noted for as long as `every` says: the eight bytes of
 * the time, in their place. No life and no number changes.
 */

import { defineStep, type ShardArg, type ShardKey, type StepScript } from './define-step.ts'
import { readReply } from './read-reply.ts'

export interface NoteReadNames {
  readonly keys: ShardKey
  readonly args: ShardArg | 'every'
  readonly itemKeys: 'entry'
  readonly itemArgs: never
}

/** Answers how many were written. */
export const noteReadScript: StepScript<NoteReadNames, number> = defineStep<NoteReadNames, number>({
  name: 'note-read',
  args: ['every'],
  item: { keys: ['entry'], args: [] },
  whenFull: 'refused',
  order: 'none',
  parts: ['read-times'],
  body: `
    local written = 0
    for _, item in ipairs(items) do
      local readAt = readAtOf(item)
      if readAt and now - readAt >= tonumber(every) then
        redis.call('SETRANGE', item.entry, READ_AT, struct.pack('<d', now))
        written = written + 1
      end
    end
    return written`,
  read: readReply.number,
})
