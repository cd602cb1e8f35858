import { expect, test } from 'vitest'
import type { Outcome } from './campaign.ts'
import { DEAD_LETTER } from './messages.ts'
import { isGood, type Run, reportAsJson } from './report.ts'

const VERDICT = {
  acknowledged: 150_000,
  inDoubt: 3,
  keys: 500,
  lost: 0,
  rolledBack: 0,
  outOfOrder: 0,
  unknown: 0,
  findings: [],
}

const OUTCOME: Outcome = {
  site: 'redis',
  seconds: 60,
  kills: 100,
  killsInFlight: 40,
  kinds: new Map([['worker', 100]]),
  durability: 'fsynced',
  verdict: VERDICT,
  declared: undefined,
  troubles: [],
}

function runOf(...outcomes: readonly Partial<Outcome>[]): Run {
  return {
    outcomes: outcomes.map((one) => ({ ...OUTCOME, ...one })),
    controls: [],
    power: 'none here',
    synchronous: undefined,
  }
}

test('a campaign that found nothing, of enough writes and kills, is good', () => {
  expect(isGood(runOf({}, {}))).toBe(true)
})

test.each([
  ['too few kills with a write under way', { killsInFlight: 9 }],
  ['too few acknowledged writes', { verdict: { ...VERDICT, acknowledged: 49_999 } }],
  ['a lost write', { verdict: { ...VERDICT, lost: 1 } }],
  ['one that was rolled back', { verdict: { ...VERDICT, rolledBack: 1 } }],
  ['one out of order', { verdict: { ...VERDICT, outOfOrder: 1 } }],
  ['a value that nobody wrote', { verdict: { ...VERDICT, unknown: 1 } }],
  ['a trouble', { troubles: ['a rejection that nobody handled'] }],
] as const)('a campaign is not good with %s', (_, wrong) => {
  expect(isGood(runOf({}, wrong))).toBe(false)
})

test('a short run proves nothing, and is not judged by how much it did', () => {
  const short = { kills: 40, killsInFlight: 0, verdict: { ...VERDICT, acknowledged: 100 } }
  expect(isGood(runOf(short))).toBe(true)
})

test('the sum of all set-ups is in the fields that programs rely on', () => {
  const troubles = [`${DEAD_LETTER} of thing`, 'another']
  const kinds = new Map([
    ['worker', 99],
    ['redis', 1],
  ])
  const run = runOf({}, { kinds, troubles, verdict: { ...VERDICT, lost: 2, outOfOrder: 1 } })
  expect(JSON.parse(reportAsJson('both', run))).toMatchObject({
    mode: 'both',
    kills: { worker: 199, redis: 1 },
    inFlightKills: 80,
    acknowledged: 300_000,
    lost: 2,
    rolledBack: 0,
    reordered: 1,
    writtenByNobody: 0,
    deadLettered: 1,
    controls: [],
    troubles,
    good: false,
  })
})
