import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { StatementCache } from './statement-cache.ts'

describe('StatementCache', () => {
  test('the same text is prepared once, and the least recently used leaves', () => {
    const statements = new StatementCache(new DatabaseSync(':memory:'))
    const first = statements.prepare('SELECT 0')
    const second = statements.prepare('SELECT 1')
    for (let other = 2; other < 256; other += 1) statements.prepare(`SELECT ${other}`)
    expect(statements.prepare('SELECT 0')).toBe(first)
    statements.prepare('SELECT 256')
    expect(statements.size).toBe(256)
    expect(statements.prepare('SELECT 0')).toBe(first)
    expect(statements.prepare('SELECT 1')).not.toBe(second)
  })
})
