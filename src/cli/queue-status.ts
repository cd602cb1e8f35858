/** `tiercel queue`: what waits for the source. */

import type { QueueLine } from '../desk/index.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { JSON_OPTION } from './json-option.ts'
import { queueLines } from './queue-lines.ts'
import { TARGET_OPTIONS, withTarget } from './target-option.ts'

export const queueStatus: Command = {
  name: 'queue',
  summary: 'show the writes that wait for the source: how many, how long, dead letters',
  usage: '[--collection <name>] [options]',
  about: `
Shows the queue of each collection that is written behind. Straight from the shared tier these are the
collections that have, or had, something in it. Ends with 4 where there are dead letters.`,
  options: [
    { name: 'collection', value: '<name>', summary: 'of these alone', many: true },
    ...TARGET_OPTIONS,
    JSON_OPTION,
  ],
  async run(given, { out, ...context }) {
    const asked = given.all('collection')
    const answer = await withTarget(given, { out, ...context }, async (target) => {
      if (target.kind === 'admin') {
        const all = await target.admin.get<readonly QueueLine[]>('queues')
        const queues = all.filter(
          ({ collection }) => asked.length === 0 || asked.includes(collection),
        )
        return { via: 'admin', where: target.admin.where, queues }
      }
      const { desk, kind, where, queued } = target.desk
      const names = asked.length > 0 ? asked : queued
      return {
        via: kind,
        where,
        queues: await Promise.all(names.map((name) => desk.queues.status(name))),
      }
    })
    const lines = queueLines(answer.queues)
    const words = lines.length === 0 ? 'No write waits.' : lines.join('\n')
    await out(given.flag('json') ? `${JSON.stringify(answer)}\n` : `${words}\n`)
    return answer.queues.some(({ deadLetters }) => deadLetters > 0) ? EXIT.findings : EXIT.done
  },
}
