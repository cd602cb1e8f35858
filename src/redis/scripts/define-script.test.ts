import { describe, expect, test } from 'vitest'
import { defineScript } from './define-script.ts'

interface Counted {
  readonly keys: never
  readonly args: never
  readonly itemKeys: 'entry'
  readonly itemArgs: 'id'
  readonly itemNumbers: 'ttl' | 'grace'
}

const script = defineScript({
  name: 'sample',
  keys: ['control'],
  args: ['limit'],
  item: { keys: ['entry', 'lease'], args: ['id', 'envelope'] },
  body: 'return items',
  read: (reply) => reply,
})

function parameters(...envelopes: readonly (string | Uint8Array)[]): readonly unknown[] {
  const items = envelopes.map((envelope, at) => ({
    keys: { entry: `e${at}`, lease: `l${at}` },
    args: { id: `é${at}`, envelope },
  }))
  return script.parameters({ keys: { control: 'c' }, args: { limit: '7' }, items })
}

/** Of two items. */
function withoutItemKeys(all: readonly unknown[]): readonly unknown[] {
  return [...all.slice(0, 2), ...all.slice(6)]
}

describe('the parameters of a script', () => {
  test('are its keys, its arguments, and the arguments of all items in one', () => {
    const [count, control, limit, packed, ...more] = withoutItemKeys(parameters('a', 'bc'))
    expect([count, control, limit]).toEqual(['5', 'c', '7'])
    const text = '\x03\0\0\0é0\x01\0\0\0a\0\x03\0\0\0é1\x02\0\0\0bc\0'
    expect(Buffer.from(packed as Uint8Array).toString()).toBe(text)
    expect(more).toEqual([])
  })

  test('name the keys of all items, name by name', () => {
    expect(parameters('a', 'bc').slice(2, 6)).toEqual(['e0', 'e1', 'l0', 'l1'])
  })

  test('hold the numbers of an item before its texts, as doubles', () => {
    const counted = defineScript<Counted, unknown>({
      name: 'counted',
      keys: [],
      args: [],
      item: { keys: ['entry'], args: ['id'], numbers: ['ttl', 'grace'] },
      body: 'return items',
      read: (reply) => reply,
    })
    const numbers = { ttl: Number.POSITIVE_INFINITY, grace: 0.5 }
    const items = [{ keys: { entry: 'e' }, args: { id: 'i' }, numbers }]
    const [, , packed] = counted.parameters({ keys: {}, args: {}, items })
    const bytes = Buffer.from(packed as Uint8Array)
    expect([bytes.readDoubleLE(0), bytes.readDoubleLE(8)]).toEqual([Number.POSITIVE_INFINITY, 0.5])
    expect(bytes.toString('latin1', 16)).toBe('\x01\0\0\0i\0')
    expect(counted.source).toContain("struct.unpack('<ddI4c0B', packed, at)")
  })

  test('leave a long last argument by itself, as it is', () => {
    const long = Buffer.alloc(20_000, 1)
    const [, , , packed, ...more] = withoutItemKeys(parameters('a', long))
    expect(more).toEqual([long])
    expect(more[0]).toBe(long)
    const text = '\x03\0\0\0é0\x01\0\0\0a\0\x03\0\0\0é1\0\0\0\0\x01'
    expect(Buffer.from(packed as Uint8Array).toString()).toBe(text)
  })

  test('hold an empty text where there are no items', () => {
    const [count, control, limit, packed, ...more] = parameters()
    expect([count, control, limit]).toEqual(['1', 'c', '7'])
    expect((packed as Uint8Array).length).toBe(0)
    expect(more).toEqual([])
  })
})
