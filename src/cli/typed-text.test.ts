import { describe, expect, test } from 'vitest'
import { runTiercel } from '../../test/cli/run-tiercel.ts'
import { COMMANDS } from './commands.ts'
import { bytes, count, duration, percent } from './figures.ts'
import { parseKey, shownKey, typedKey } from './key-option.ts'
import { maskedValue } from './masked-value.ts'
import { plainText } from './plain-text.ts'
import { textTable } from './text-table.ts'

describe('keys', () => {
  test.each([
    ['42', 'string', '42'],
    ['42', 'number', 42],
    ['-0.5', 'number', -0.5],
    ['42', 'bigint', 42n],
    ['-9007199254740993', 'bigint', -9007199254740993n],
    ['', 'string', ''],
  ] as const)('%s as a %s is that key, and comes back as it was typed', (text, type, key) => {
    expect(parseKey(text, type)).toBe(key)
    expect(typedKey(key)).toEqual({ key: text, keyType: type })
  })

  test.each([
    ['007', 'number'],
    ['1e3', 'number'],
    ['9007199254740993', 'number'],
    ['0x10', 'number'],
    ['', 'number'],
    ['NaN', 'number'],
    ['42n', 'bigint'],
    ['-0', 'bigint'],
    ['4.5', 'bigint'],
  ] as const)('%s is refused as a %s, since it would be another key', (text, type) => {
    expect(() => parseKey(text, type)).toThrow('as it is written')
  })

  test('of different types look different', () => {
    const shown = ['1', 1, 1n].map((key) => shownKey(typedKey(key)))
    expect(shown).toEqual(['"1"', '1', '1n'])
  })
})

describe('figures', () => {
  test('are short, and say what is not known', () => {
    expect([0, 9_999, 12_345, 4_560_000, null].map(count)).toEqual([
      '0',
      '9,999',
      '12.3k',
      '4.56M',
      '-',
    ])
    const spans = [0.123, 42, 1_500, 65_000, 7_500_000, 266_400_000, Number.POSITIVE_INFINITY]
    expect(spans.map(duration)).toEqual([
      '0.12 ms',
      '42 ms',
      '1.5 s',
      '1 m 5 s',
      '2 h 5 m',
      '3 d 2 h',
      '-',
    ])
    expect([100, 1_536, 67_108_864].map(bytes)).toEqual(['100 B', '1.5 kB', '64.0 MB'])
    expect([0.98765, null].map(percent)).toEqual(['98.8 %', '-'])
  })
})

describe('text of others', () => {
  test('moves no cursor and turns no writing', () => {
    const hostile = '\u001b[2J\u202egnp.exe\r\n\u0007\ud800'
    expect(plainText(hostile)).toBe('\\u{1b}[2J\\u{202e}gnp.exe\\u{d}\\u{a}\\u{7}\ufffd')
    const [, row] = textTable([{ title: 'key' }, { title: 'n', align: 'right' }], [[hostile, '1']])
    expect(row).not.toMatch(/\p{Cc}/u)
  })

  test.each([
    ['token', 'abc', '***'],
    ['TIERCEL_ADMIN_TOKEN', 'abc', '***'],
    ['redis', 'redis://user:secret@host:6379/2', 'redis://***@host:6379/2'],
    ['url', 'http://host/tiercel#token=abc', 'http://host/tiercel***'],
    ['url', 'http://secret@[', '***'],
    ['sqlite', '/tmp/cache.db', '/tmp/cache.db'],
    ['name', '', null],
  ])('is masked where it is secret: %s=%s', (name, value, shown) => {
    expect(maskedValue(name, value)).toBe(shown)
  })
})

describe('every command', () => {
  test.each(COMMANDS.map((command) => [command.name, command] as const))(
    '%s tells what it takes, in lines that fit',
    async (name, { options }) => {
      const { code, out, err } = await runTiercel([...name.split(' '), '--help'])
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(new RegExp(`^Usage: tiercel ${name}`))
      for (const option of options) expect(out).toContain(`--${option.name}`)
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(130)
      expect(new Set(options.map((option) => option.name)).size).toBe(options.length)
    },
  )

  test('answers in JSON, or is a script', () => {
    const without = COMMANDS.filter(({ options }) => !options.some(({ name }) => name === 'json'))
    expect(without.map(({ name }) => name)).toEqual([
      'completion bash',
      'completion zsh',
      'completion fish',
    ])
  })

  test('that is typed wrongly says so in JSON too', async () => {
    const { code, out, err } = await runTiercel(['inspect', '--json'])
    expect([code, out]).toEqual([2, ''])
    expect(JSON.parse(err)).toEqual({
      error: { code: 'usage', message: 'Option --key is missing' },
    })
  })

  test('that asks nobody in particular is told where it may ask', async () => {
    const { code, err } = await runTiercel(['warm', '--collection', 'a'])
    expect([code, err]).toEqual([2, expect.stringContaining('TIERCEL_ADMIN_URL')])
    const nobody = ['--url', 'http://127.0.0.1:1', '--collection', 'a']
    const away = await runTiercel(['warm', ...nobody])
    expect([away.code, away.err]).toEqual([3, expect.stringContaining('does not answer')])
  })

  test.each([
    ['stats --limit 0', '--limit is a whole number from 1'],
    ['watch --every soon', '--every is a time like'],
    ['mode set --mode maybe', '--mode is one of on, memory, shared, off'],
    ['shadow --collection a --share 2', '--share is a number from 0 to 1'],
    ['invalidate', 'Say what'],
    ['invalidate --key a --tag b', 'at a time'],
    ['invalidate --tag b --collection c', 'of no collection'],
    ['invalidate --key 1.0 --key-type number', 'as it is written'],
    ['dead-letters drop --collection a', '--key, or --all'],
    ['inspect --key a --url ftp://x', '--url is a URL like'],
    ['inspect --key a --redis nonsense --name shop', '--redis is a URL like'],
    ['inspect --key a --redis redis://x --sqlite y --name shop', 'One of --redis and --sqlite'],
    ['inspect --key a --redis redis://x', 'Say which cache'],
  ])('refuses what cannot be meant: %s', async (line, words) => {
    const where = ['--url', 'http://127.0.0.1:1']
    const needsWhere = !/--url|--redis|--sqlite/.test(line)
    const { code, err } = await runTiercel([...line.split(' '), ...(needsWhere ? where : [])])
    expect([code, err]).toEqual([2, expect.stringContaining(words)])
  })
})
