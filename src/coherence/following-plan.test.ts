import { describe, expect, test } from 'vitest'
import { followingPlan } from './following-plan.ts'

describe('a plan to follow', () => {
  test('by push beats every 400 ms and trusts as long as it may be blind', () => {
    const { beatMs, trustMs, connectedMs } = followingPlan({ kind: 'push' }, 5_000)
    expect([beatMs, trustMs, connectedMs]).toEqual([400, 5_000, 1_000])
  })

  test('by poll is at most a second slow, and trusts for twice that', () => {
    const slow = followingPlan({ kind: 'poll', everyMs: 60_000 }, 5_000)
    expect([slow.beatMs, slow.trustMs, slow.connectedMs, slow.hears]).toEqual([
      1_000,
      2_000,
      2_000,
      false,
    ])
    const quick = followingPlan({ kind: 'poll', everyMs: 50 }, 5_000)
    expect([quick.beatMs, quick.trustMs, quick.connectedMs]).toEqual([50, 100, 1_000])
  })

  test('by poll never trusts for longer than it may be blind', () => {
    expect(followingPlan({ kind: 'poll', everyMs: 500 }, 300).trustMs).toBe(300)
  })

  test('at most once trusts for ever', () => {
    const { trustMs, beats, repairs } = followingPlan({ kind: 'at-most-once' }, 5_000)
    expect([trustMs, beats, repairs]).toEqual([Number.POSITIVE_INFINITY, false, false])
  })
})
