import { expect, test } from 'vitest'
import { keySlot } from './key-slot.ts'

test.each([
  ['123456789', 12739],
  ['foo', 12182],
  ['', 0],
  ['{foo}bar', 12182],
  ['bar{foo}{other}', 12182],
  ['{user1000}.following', 3443],
  ['{user1000}.followers', 3443],
])('the slot of %j is the one that the server computes', (key, slot) => {
  expect(keySlot(key)).toBe(slot)
})

test('empty and unclosed braces are no tag', () => {
  expect(keySlot('foo{}{bar}')).toBe(8363)
  expect(keySlot('{')).not.toBe(keySlot(''))
  expect(keySlot('foo{{bar}}zap')).toBe(keySlot('{bar'))
})
