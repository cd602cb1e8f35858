import { describe, expect, test } from 'vitest'
import type { AdminOptions } from './admin-options.ts'
import { resolveAdminOptions } from './resolve-admin-options.ts'

const cache = {} as AdminOptions['cache']
const resolve = (options: Partial<AdminOptions>) => resolveAdminOptions({ cache, ...options })

describe('options of the admin API', () => {
  test('without a word are safe', () => {
    expect(resolve({})).toEqual({
      digests: { read: undefined, write: undefined },
      base: '/tiercel',
      hosts: ['localhost', '127.0.0.1', '[::1]'],
      clients: 'loopback',
      values: 'hidden',
      auditKeys: 'hashed',
      requestsPerSecond: 100,
      sessionMs: 28_800_000,
      countMs: 3_000,
    })
  })

  test('take an empty token for none', () => {
    const { digests } = resolve({ token: '', tokens: { read: '', write: undefined } })
    expect(digests).toEqual({ read: undefined, write: undefined })
  })

  test.each([
    ['/', ''],
    ['', ''],
    ['/ops/cache/', '/ops/cache'],
  ])('take %j as a base', (base, resolved) => {
    expect(resolve({ base }).base).toBe(resolved)
  })

  test.each([
    [{ token: 'short' }, 'token'],
    [{ token: 'sixteen letters and a space' }, 'token'],
    [{ token: 'x'.repeat(1_025) }, 'token'],
    [{ tokens: { read: 'short' } }, 'tokens.read'],
    [{ tokens: { write: 'short' } }, 'tokens.write'],
    [{ token: 'a-token-that-is-long', tokens: { read: 'a-token-that-is-long' } }, 'tokens'],
    [{ base: 'tiercel' }, 'base'],
    [{ base: '/a b' }, 'base'],
    [{ hosts: [] }, 'hosts'],
    [{ hosts: ['http://x'] }, 'hosts[0]'],
    [{ clients: 'all' }, 'clients'],
    [{ values: 'yes' }, 'values'],
    [{ auditKeys: true }, 'auditKeys'],
    [{ requestsPerSecond: 0 }, 'requestsPerSecond'],
    [{ session: '1y' }, 'session'],
    [{ session: '31d' }, 'session'],
    [{ countFor: 0 }, 'countFor'],
  ])('refuse %j by naming %s', (options, field) => {
    const refused = (): unknown => resolve(options as Partial<AdminOptions>)
    expect(refused).toThrow(expect.objectContaining({ code: 'config', field }))
  })

  test('never show a token that they refuse', () => {
    for (const token of ['canary', 'canary with spaces in it', 'canary'.repeat(400)]) {
      expect(() => resolve({ token })).toThrow(/^(?!.*canary)/s)
    }
  })
})
