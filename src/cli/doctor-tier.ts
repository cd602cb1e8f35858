/** Who follows the cache in the shared tier, and what waits there. */

import { judgeReport } from './doctor-admin.ts'
import { counted, duration } from './figures.ts'
import type { Examined, Finding } from './finding.ts'
import { plainText } from './plain-text.ts'
import type { TierAnswer } from './tier-answer.ts'

/** Beats come twice a second; a standing that is older is one of a process that stood still. */
const LATE_BEAT_MS = 2_000
const OLD_WRITE_MS = 60_000

/** `keepsWrites`: the tier keeps acknowledged writes over a crash of the machine. */
export function judgeTier(answer: TierAnswer, keepsWrites: boolean): Examined {
  const { instances, queues, where } = answer
  const findings: Finding[] = []
  for (const { instance, lastBeatMs, behind } of instances) {
    if (lastBeatMs <= LATE_BEAT_MS) continue
    findings.push({
      severity: 'warn',
      code: 'instance-behind',
      about: plainText(instance),
      message: `It has not followed the shared tier for ${duration(lastBeatMs)}, and lacks ${counted(behind, 'change')}.`,
      cure: 'See whether the process runs and is not held up: it does without its copies after `coherence.maxBlindness`.',
    })
  }
  for (const { collection, deadLetters, oldestMs, waiting } of queues) {
    if (deadLetters > 0) {
      findings.push({
        severity: 'bad',
        code: 'dead-letters',
        about: collection,
        message: `${counted(deadLetters, 'acknowledged write was', 'acknowledged writes were')} given up: the source does not have ${deadLetters === 1 ? 'it' : 'them'}.`,
        cure: `See why with \`tiercel dead-letters list --collection ${collection}\`, mend it, and queue them again with \`dead-letters retry\`, or forget them with \`dead-letters drop\`.`,
      })
    }
    if (oldestMs > OLD_WRITE_MS) {
      findings.push({
        severity: 'warn',
        code: 'queue-age',
        about: collection,
        message: `${counted(waiting, 'write waits', 'writes wait')}, the oldest for ${duration(oldestMs)}.`,
        cure: 'See whether an instance runs, and whether it reaches the source.',
      })
    }
    if (!keepsWrites && waiting > 0) {
      findings.push({
        severity: 'warn',
        code: 'queue-durability',
        about: collection,
        message: `${counted(waiting, 'write waits', 'writes wait')} on ${where}, which does not keep each write on disk.`,
        cure: 'Set `appendonly yes` and `appendfsync always`, or replicate with `durability: replicated(1)`.',
      })
    }
  }
  findings.push(...answer.fleet.flatMap(judgeReport))
  const names = instances.map(({ instance, lastBeatMs }) => {
    return `${plainText(instance)} (beat ${duration(lastBeatMs)} ago)`
  })
  const value = names.length === 0 ? 'none follows the cache now' : names.join(', ')
  return { facts: [{ about: 'instances', value }], findings }
}
