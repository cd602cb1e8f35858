import { describe, expect, test } from 'vitest'
import { readConfig } from '../src/process/read-config.ts'
import { StartError } from '../src/process/start-error.ts'
import { startShop } from './start-shop.ts'

function refusal(args: readonly string[], environment: Readonly<Record<string, string>>): string {
  try {
    readConfig(environment, args)
  } catch (error) {
    if (error instanceof StartError) return error.message
    throw error
  }
  throw new Error('It was not refused.')
}

describe('the configuration', () => {
  test('without a word is one instance on SQLite', () => {
    expect(readConfig({ REDIS_URL: '', DATABASE_URL: '' }, [])).toMatchObject({
      port: 3_000,
      instances: 1,
      redisUrl: undefined,
      databaseUrl: undefined,
      caching: 'on',
      sourceDelayMs: 0,
      instance: expect.stringMatching(/^.+:\d+$/),
    })
  })

  test('takes instances, a name, Redis and a port for each', () => {
    const environment = {
      REDIS_URL: 'rediss://me:secret@cache:6380/2',
      DATABASE_URL: 'postgres://me:secret@db/shop',
    }
    const { REDIS_URL: redisUrl, DATABASE_URL: databaseUrl } = environment
    expect(readConfig(environment, ['--instances', '3'])).toMatchObject({
      instances: 3,
      redisUrl,
      databaseUrl,
    })
    expect(readConfig({ PORT: '65533' }, ['--instances=3'])).toMatchObject({ port: 65_533 })
    const adminToken = 'a-token-of-sixteen-or-more'
    expect(readConfig({ ADMIN_TOKEN: adminToken }, [])).toMatchObject({ adminToken })
    expect(readConfig({ ADMIN_TOKEN: '' }, [])).toMatchObject({ adminToken: undefined })
    const compared = { CACHE: 'off', SOURCE_DELAY_MS: '20' }
    expect(readConfig(compared, [])).toMatchObject({ caching: 'off', sourceDelayMs: 20 })
    expect(readConfig({}, ['--instance', 'blue-1'])).toMatchObject({ instance: 'blue-1' })
  })

  test.each([
    [['--instances', '0'], {}, '--instances must be a whole number from 1 to 16, got "0"'],
    [['--instances', '17'], {}, '--instances must be a whole number from 1 to 16'],
    [['--instances'], {}, 'It takes --instances NUMBER'],
    [['--copies', '3'], {}, 'It takes --instances NUMBER'],
    [['3'], {}, 'It takes --instances NUMBER'],
    [['--instance', 'a"b'], {}, '--instance must be 1 to 64 letters'],
    [['--instances', '3'], { PORT: '65534' }, 'PORT must be a whole number from 0 to 65533'],
    [[], { REDIS_URL: 'localhost' }, 'REDIS_URL must be an address such as redis://127.0.0.1:6379'],
    [[], { REDIS_URL: 'http://localhost' }, 'REDIS_URL must be an address'],
    [
      [],
      { DATABASE_URL: 'mysql://db/shop' },
      'DATABASE_URL must be an address such as postgres://shop@',
    ],
    [[], { CACHE: 'no' }, 'CACHE must be on or off, got "no"'],
    [[], { SOURCE_DELAY_MS: '-1' }, 'SOURCE_DELAY_MS must be a whole number from 0 to 10000'],
    [[], { ADMIN_TOKEN: 'too short' }, 'ADMIN_TOKEN must be 16 to 1024 letters'],
    [[], { ADMIN_TOKEN: 'sixteen letters with spaces' }, 'ADMIN_TOKEN must be 16 to 1024 letters'],
  ])('with %j and %j is refused in words', (args, environment, words) => {
    expect(refusal(args, environment)).toContain(words)
  })

  test('never shows an address or a token that it refuses', () => {
    expect(refusal([], { REDIS_URL: 'http://me:secret@cache' })).not.toContain('secret')
    expect(refusal([], { DATABASE_URL: 'http://me:secret@db' })).not.toContain('secret')
    expect(refusal([], { ADMIN_TOKEN: 'secret' })).not.toContain('secret')
  })

  test('that is refused ends the program with one line', async () => {
    const { code, stdout, stderr } = await startShop({ env: {}, args: ['--instances', '0'] }).ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^Tiercel shop cannot start\. --instances must be [^\n]+\n$/)
  })
})
