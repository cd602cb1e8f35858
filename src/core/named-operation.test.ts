import { expect, test } from 'vitest'
import { NamedOperation } from './named-operation.ts'

test('an operation that is named is not carried out before it is run', async () => {
  let runs = 0
  const operation = new NamedOperation({ kind: 'get', key: 'a' }, async () => {
    runs += 1
    return runs
  })
  expect(operation.plain).toEqual({ kind: 'get', key: 'a' })
  expect(runs).toBe(0)
  expect(await operation.run()).toBe(1)
})

test('an operation of a collection cannot be told from outside', () => {
  expect(new NamedOperation(undefined, () => Promise.resolve()).plain).toBeUndefined()
})
