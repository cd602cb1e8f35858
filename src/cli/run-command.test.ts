import { describe, expect, test } from 'vitest'
import { runTiercel as run } from '../../test/cli/run-tiercel.ts'
import { outboxSql } from '../sql/index.ts'
import type { Command } from './command.ts'
import { UsageError } from './exit-code.ts'

describe('the command line', () => {
  test('tells which commands there are', async () => {
    for (const args of [[], ['--help'], ['-h']]) {
      const { code, out, err } = await run(args)
      expect([code, err]).toEqual([0, ''])
      expect(out).toMatch(/sql outbox +print SQL/)
    }
    const { code, out, err } = await run(['sql', 'inbox'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('There is no command `sql inbox`')
  })

  test('prints the SQL of an outbox, in one transaction', async () => {
    const { code, out, err } = await run(['sql', 'outbox', '--table', 'products'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toBe(`BEGIN;\n\n${outboxSql({ table: 'products' })}\nCOMMIT;\n`)
    const named = ['--schema', 'shop', '--key=sku', '--collection', 'product', '--notify', 'off']
    const other = await run([
      'sql',
      'outbox',
      '--table',
      'a.b',
      ...named,
      '--outbox',
      'shop.changes',
    ])
    expect(other.out).toContain('ON "shop"."a.b"')
    expect(other.out).toContain('"shop"."changes"')
    expect(other.out).toContain('NEW."sku"::text')
    expect(other.out).toContain("'product'")
    expect(other.out).not.toContain('pg_notify')
    const drop = await run(['sql', 'outbox', '--table', 'products', '--drop'])
    expect(drop.out).toContain('DROP TRIGGER IF EXISTS')
    expect(drop.out).not.toContain('CREATE')
  })

  test('help of a command is not mistaken for a failure', async () => {
    const { code, out } = await run(['sql', 'outbox', '--help'])
    expect(code).toBe(0)
    expect(out).toContain('--table <name>')
  })

  test.each([
    [[], 'Option --table is missing.'],
    [['--table'], "Option '--table <value>' argument missing."],
    [['--table', 'a', '--tabel', 'b'], "Unknown option '--tabel'."],
    [['--table', 'a', 'b'], "Unexpected argument 'b'."],
    [['--table', ''], 'Expected `table` to be a name of the database'],
    [['--table', 'odd name'], 'Expected `collection` to be'],
    [['--table', 'a', '--notify', 'no'], "Expected `notify` to be 'on' or 'off'"],
  ])('what cannot be meant is told in words: %j', async (args, words) => {
    const { code, out, err } = await run(['sql', 'outbox', ...args])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(words)
    expect(err).toContain('See `tiercel sql outbox --help`.')
    expect(err).not.toContain('    at ')
  })

  test('what others say moves no cursor, and a command that was ended has not been done', async () => {
    const failing: Command = {
      name: 'fail',
      summary: '',
      usage: '',
      about: '',
      options: [],
      run: (): Promise<void> => Promise.reject(new Error('no\u001b[2J\nway')),
    }
    const told = await run(['fail'], { commands: [failing] })
    expect(told.err).toBe('tiercel fail: no\\u{1b}[2J\nway\n')
    const ended = await run(['fail'], { commands: [failing], signal: AbortSignal.abort() })
    expect([ended.code, ended.err]).toEqual([1, 'tiercel fail: It was ended before it was done.\n'])
  })

  test('a failure of what was to be done is another code than wrong use', async () => {
    const failing = (error: unknown): Command => ({
      name: 'fail',
      summary: '',
      usage: '',
      about: '',
      options: [],
      run: (): Promise<void> => Promise.reject(error),
    })
    expect(await run(['fail'], { commands: [failing(new Error('no way there'))] })).toEqual({
      code: 1,
      out: '',
      err: 'tiercel fail: no way there\n',
    })
    expect((await run(['fail'], { commands: [failing(new UsageError('what?'))] })).code).toBe(2)
  })
})
