import { describe, expect, test } from 'vitest'
import { FakeClock } from '../testing/index.ts'
import { Sessions } from './sessions.ts'

function setup() {
  const clock = new FakeClock()
  return { clock, sessions: new Sessions(clock, 3_600_000) }
}

describe('a session', () => {
  test('ends when its time is over, whatever is done to the clock of the host', async () => {
    const { clock, sessions } = setup()
    const { secret, expiresAt } = sessions.begin('read')
    expect(expiresAt).toBe(clock.now() + 3_600_000)
    clock.setNow(0)
    await clock.advance(3_599_999)
    expect(sessions.find(secret)).toMatchObject({ role: 'read' })
    await clock.advance(1)
    expect(sessions.find(secret)).toBeUndefined()
  })

  test('is one of a hundred: of more, the first are over', () => {
    const { sessions } = setup()
    const secrets = Array.from({ length: 101 }, () => sessions.begin('write').secret)
    expect(new Set(secrets).size).toBe(101)
    expect(secrets.map((secret) => sessions.find(secret)?.role)).toEqual([
      undefined,
      ...Array(100).fill('write'),
    ])
  })

  test('ends when it is asked to', () => {
    const { sessions } = setup()
    const { secret } = sessions.begin('write')
    sessions.end(secret)
    expect(sessions.find(secret)).toBeUndefined()
  })
})

describe('a one-time token', () => {
  test('lets in once, within a day', async () => {
    const { clock, sessions } = setup()
    const [first, late] = [sessions.oneTimeToken('read'), sessions.oneTimeToken('write')]
    expect([sessions.redeem(first), sessions.redeem(first)]).toEqual(['read', undefined])
    await clock.advance(86_400_000)
    expect(sessions.redeem(late)).toBeUndefined()
  })

  test('is no session, and a session is none', () => {
    const { sessions } = setup()
    expect(sessions.find(sessions.oneTimeToken('write'))).toBeUndefined()
    expect(sessions.redeem(sessions.begin('write').secret)).toBeUndefined()
  })

  test('is one of eight', () => {
    const { sessions } = setup()
    const tokens = Array.from({ length: 9 }, () => sessions.oneTimeToken('read'))
    expect(tokens.map((token) => sessions.redeem(token))).toEqual([
      undefined,
      ...Array(8).fill('read'),
    ])
  })
})
