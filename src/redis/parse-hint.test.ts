import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseHint } from './parse-hint.ts'

const changes = [
  ['k', 'd', ['a:s1:x']],
  ['k', 'e', []],
  ['t', 'd', 'red'],
  ['t', 'e', 'blue'],
  ['a', ['one', 'two']],
  ['o', 'product'],
  ['p', 'product', 'a*', 1],
  ['f'],
]

describe('a message of the channel', () => {
  test('tells the changes of one step, and who need not wait any longer', () => {
    const message = JSON.stringify([1, 'c', 3, 'epoch', 7, 8, changes, ['b:s1:y'], 'a1b2c3'])
    expect(parseHint(message)).toEqual({
      probe: undefined,
      signals: [
        {
          kind: 'changes',
          shard: 3,
          epoch: 'epoch',
          first: 7,
          last: 8,
          sender: 'a1b2c3',
          changes: [
            { kind: 'keys', mode: 'delete', ids: ['a:s1:x'] },
            { kind: 'keys', mode: 'expire', ids: [] },
            { kind: 'tag', mode: 'delete', tag: 'red' },
            { kind: 'tag', mode: 'expire', tag: 'blue' },
            { kind: 'all-tags', tags: ['one', 'two'] },
            { kind: 'collection', collection: 'product' },
            { kind: 'pattern', collection: 'product', pattern: 'a*', active: true },
            { kind: 'floor' },
          ],
        },
        { kind: 'released', ids: ['b:s1:y'] },
      ],
    })
  })

  test.each([
    [1_700_000_000_000, { at: 1_700_000_000_000 }],
    ['soon', {}],
    [-1, {}],
    [undefined, {}],
  ])('tells when its step was carried out, where that is a moment (%s)', (at, told) => {
    const message = JSON.stringify([1, 'c', 3, 'epoch', 7, 8, [['f']], [], 'a1b2c3', at])
    const [hint] = parseHint(message)?.signals ?? []
    const numbers = { shard: 3, epoch: 'epoch', first: 7, last: 8, sender: 'a1b2c3' }
    expect(hint).toEqual({ kind: 'changes', ...numbers, changes: [{ kind: 'floor' }], ...told })
  })

  test('tells leases and locks that have ended, and the probe of a session', () => {
    expect(parseHint('[1,"r",["a"]]')?.signals).toEqual([{ kind: 'released', ids: ['a'] }])
    expect(parseHint('[1,"u",["n"]]')?.signals).toEqual([{ kind: 'unlocked', names: ['n'] }])
    expect(parseHint('[1,"h","text"]')).toEqual({ signals: [], probe: 'text' })
  })

  test.each([
    '',
    'nonsense',
    'null',
    '{}',
    '[]',
    '[2,"r",["a"]]',
    '[1,"r",[1]]',
    '[1,"r"]',
    '[1,"h",1]',
    '[1,"x",[]]',
    '[1,"c",0,"e",1,1,[],[]]',
    '[1,"c",0,"e",1,1,[],[],7]',
    '[1,"c",-1,"e",1,1,[],[],""]',
    '[1,"c",0.5,"e",1,1,[],[],""]',
    '[1,"c",0,"e",2,1,[],[],""]',
    '[1,"c",0,"e",1,1e300,[],[],""]',
    '[1,"c",0,7,1,1,[],[],""]',
    '[1,"c",0,"e",1,1,{},[],""]',
    '[1,"c",0,"e",1,1,[]]',
    '[1,"c",0,"e",1,1,[["t","x","a"]],[],""]',
    '[1,"c",0,"e",1,1,[["t","d",1]],[],""]',
    '[1,"c",0,"e",1,1,[["o"]],[],""]',
    '[1,"c",0,"e",1,1,[["p","a"]],[],""]',
    '[1,"c",0,"e",1,1,[["k","d","a"]],[],""]',
    '[1,"c",0,"e",1,1,[["z"]],[],""]',
    '[1,"c",0,"e",1,1,[7],[],""]',
  ])('that is none is ignored: %s', (message) => {
    expect(parseHint(message)).toBeUndefined()
  })

  test('never throws, whatever it is', () => {
    const any = fc.oneof(
      fc.string(),
      fc.json(),
      fc.array(fc.anything()).map((one) => `[1,"c",${fc.stringify(one)}]`),
    )
    fc.assert(
      fc.property(any, (message) => {
        expect(() => parseHint(message)).not.toThrow()
      }),
      { numRuns: 3_000 },
    )
  })
})
