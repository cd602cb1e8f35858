/** A process that keeps copies and notes when they leave. Started by `receivers.ts`. */

import { setTimeout as pause } from 'node:timers/promises'
import { item } from '../subjects/item.ts'
import { openCopyingSubjects } from '../subjects/redis/copying-subjects.ts'
import type { CopyingSubject } from '../subjects/redis/redis-subject.ts'
import { answerParent } from './answer-parent.ts'
import { KeyService } from './key-service.ts'
import {
  type PassKeys,
  passKeys,
  type ReceiverQuestion,
  receiverConnectionName,
  watchedPlaces,
} from './receiver-question.ts'
import { CopyWatch } from './watch-copies.ts'

/** Copies that are fetched at once. */
const fetchedAtOnce = 500
const attempts = 5
/** What was changed before is behind everybody. */
const quietMs = 50
const reportEveryMs = 5

const [, , port, entries] = process.argv
const open = new AsyncDisposableStack()
const subjects = await openCopyingSubjects(
  { port: Number(port), entries: Number(entries), connectionName: receiverConnectionName },
  open,
)
let watch: CopyWatch | undefined
let service: KeyService | undefined
for (const subject of subjects.values()) subject.onRemoval(() => watch?.look())

answerParent<ReceiverQuestion>(async (question) => {
  switch (question.ask) {
    case 'watch':
      return await watched(question)
    case 'report':
      return await reported(question.withinMs)
    case 'serve': {
      const { subject, ...keys } = question
      service = new KeyService(named(subject), Number(port), passKeys(keys))
      return undefined
    }
    case 'check':
      return await service?.countStale()
    case 'rest':
      await service?.end()
      service = undefined
      return undefined
    default:
      return question satisfies never
  }
})

function named(name: string): CopyingSubject {
  const subject = subjects.get(name)
  if (subject === undefined) throw new Error(`There is no subject ${name}.`)
  return subject
}

async function watched(pass: PassKeys): Promise<void> {
  const subject = named(pass.subject)
  const keys = passKeys(pass)
  await fetchAll(subject, keys)
  watch = new CopyWatch(
    subject,
    watchedPlaces(pass).map((place) => keys[place] as string),
  )
}

/** A copy may leave for another key's sake (a cache may always forget), so it is fetched again. */
async function fetchAll(subject: CopyingSubject, keys: readonly string[]): Promise<void> {
  let missing = keys
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    await pause(quietMs)
    for (let from = 0; from < missing.length; from += fetchedAtOnce) {
      const some = missing.slice(from, from + fetchedAtOnce)
      await Promise.all(some.map((key) => subject.getOrLoad(key, async () => item(0))))
    }
    const held = await Promise.all(keys.map((key) => subject.holds(key)))
    missing = keys.filter((_, at) => held[at] === false)
    if (missing.length === 0) return
  }
  throw new Error(`${subject.name} keeps no copies of ${missing.length} of ${keys.length} keys.`)
}

async function reported(withinMs: number): Promise<unknown> {
  const end = performance.now() + withinMs
  while (watch !== undefined && !watch.done && performance.now() < end) await pause(reportEveryMs)
  const times = watch?.end() ?? []
  watch = undefined
  return times
}
