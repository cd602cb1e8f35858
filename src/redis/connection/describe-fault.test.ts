import { expect, test } from 'vitest'
import { TierError } from '../../contracts/errors.ts'
import { describeFault, redisErrorOf } from './describe-fault.ts'
import { RedisError } from './redis-error.ts'

test.each([
  [
    'NOSCRIPT No matching script. Please use EVAL.',
    'NOSCRIPT',
    'NOSCRIPT No matching script. Please use EVAL.',
  ],
  ['MOVED 12 10.0.0.1:6379', 'MOVED', 'MOVED 12 10.0.0.1:6379'],
  ['OOM', 'OOM', 'OOM'],
  [
    "ERR unknown command 'FOO', with args beginning with: 'secret' 'it''s'",
    'ERR',
    "ERR The server does not know the command 'FOO'.",
  ],
  ["ERR bad 'secret' and 'se'cret' here", 'ERR', 'ERR bad (...) here'],
  ['ERR bad "secret', 'ERR', 'ERR bad (...)'],
  ["READONLY You can't write here.", 'READONLY', "READONLY You can't write here."],
  ["ERR can't take 'secret' now", 'ERR', "ERR can't take (...) now"],
  [
    "NOPERM this user has no permissions to run the 'config|get' command",
    'NOPERM',
    "NOPERM The user has no permission to run 'config|get'.",
  ],
  [
    "NOPERM User app has no permissions to access the 'secret:key' key",
    'NOPERM',
    'NOPERM User app has no permissions to access the (...) key',
  ],
])('an error of the server keeps its code and loses its arguments: %s', (message, code, shown) => {
  const error = Object.assign(new Error(message), { command: { args: ['secret'] } })
  const seen = redisErrorOf(error)
  expect(seen).toBeInstanceOf(RedisError)
  expect(seen).toMatchObject({ code, message: shown })
  expect(Object.keys(seen ?? {})).toEqual(['name', 'code'])
})

test('a long error of the server is cut', () => {
  expect(redisErrorOf(new Error(`ERR ${'x'.repeat(1000)}`))?.message).toHaveLength(203)
})

test.each([
  [
    Object.assign(new Error('connect ECONNREFUSED secret'), { code: 'ECONNREFUSED' }),
    'ECONNREFUSED',
  ],
  [new Error('WRONGPASS invalid.'), 'the server answered: WRONGPASS invalid'],
  [new Error('All sentinels are unreachable and retry is disabled. secret'), 'no sentinel answers'],
  [new Error('None of the sentinels are available'), 'no sentinel answers'],
  [new Error('no valid master node'), 'the sentinels know no master'],
  [new Error('All the root nodes are unavailable'), 'no node of the cluster answers'],
  [new Error('Command timed out'), 'there was no answer in time'],
  [new Error('Socket closed unexpectedly'), 'the connection was closed'],
  [new TypeError('secret'), 'the driver failed with a TypeError'],
  ['secret', 'the driver failed'],
  [new TierError('redis', 'Words of our own.'), 'Words of our own.'],
])('a fault is told in words without what it may hold: %s', (error, words) => {
  expect(describeFault(error)).toBe(words)
})

test('what the platform reports is no error of a server', () => {
  expect(redisErrorOf(Object.assign(new Error('EPIPE broken'), { code: 'EPIPE' }))).toBeUndefined()
  expect(redisErrorOf('ERR text')).toBeUndefined()
})
