import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../testing/seeded-random.ts'
import { nextMap } from './next-map.ts'
import { serverScore, type WeighedServer } from './server-score.ts'
import { shardsToMove } from './shards-to-move.ts'
import { spreadShards } from './spread-shards.ts'

const range = (count: number): number[] => Array.from({ length: count }, (_, at) => at)

/** Caches, servers and numbers of shards of any kind, the same in each run. */
function setup(rounds = 200) {
  const random = new SeededRandom(7)
  const below = (most: number): number => Math.floor(random.next() * most)
  return range(rounds).map(() => {
    const servers = range(1 + below(9)).map(() => ({ name: random.id().slice(0, 6), weight: 1 }))
    const cache = random.id().slice(0, 8)
    const joining = { name: random.id().slice(0, 7), weight: 1 }
    return { cache, servers, joining, shards: 1 + below(256) }
  })
}

function homesOf(cache: string, servers: readonly WeighedServer[], shards: number): string[] {
  const placed = spreadShards({ cache, servers, shards: range(shards) })
  return range(shards).map((shard) => placed.get(shard) ?? '')
}

function countsOf(homes: readonly string[], servers: readonly WeighedServer[]): number[] {
  return servers.map(({ name }) => homes.filter((home) => home === name).length)
}

test.each([
  [0, 'cache-0', 1, 0.413018424886],
  [0, 'cache-1', 1, 6.724595954929],
  [3, 'cache-1', 2, 0.515771569851],
])('the score of shard %i on %s, of weight %i, is what the wire format says', (...given) => {
  const [shard, name, weight, score] = given
  expect(serverScore('shop', shard, { name, weight })).toBeCloseTo(score, 11)
})

describe('shards over servers', () => {
  test('are spread as evenly as whole shards can be', () => {
    for (const { cache, servers, shards } of setup()) {
      const counts = countsOf(homesOf(cache, servers, shards), servers)
      expect(counts.reduce((sum, one) => sum + one, 0)).toBe(shards)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }
  })

  test('are spread alike whatever the order in which the servers are named', () => {
    for (const { cache, servers, shards } of setup(50)) {
      expect(homesOf(cache, [...servers].reverse(), shards)).toEqual(
        homesOf(cache, servers, shards),
      )
    }
  })

  test('are spread otherwise for another cache', () => {
    const servers = ['a', 'b'].map((name) => ({ name, weight: 1 }))
    expect(homesOf('shop', servers, 32)).not.toEqual(homesOf('blog', servers, 32))
  })

  test('follow the weights', () => {
    const servers = [
      { name: 'small', weight: 1 },
      { name: 'large', weight: 3 },
    ]
    expect(countsOf(homesOf('shop', servers, 64), servers)).toEqual([16, 48])
  })

  test('move to a new server of n + 1 by floor(shards / (n + 1)), and nothing else moves', () => {
    for (const { cache, servers, joining, shards } of setup()) {
      const homes = homesOf(cache, servers, shards)
      const moved = shardsToMove({ cache, servers, joining, homes })
      expect(moved).toHaveLength(Math.floor(shards / (servers.length + 1)))
      expect(new Set(moved).size).toBe(moved.length)
      const wish = { cache, servers: [...servers, joining], retire: [] }
      const settled = homes.map((on) => ({ on, since: 1 }))
      const names = servers.map(({ name }) => name)
      const map = { version: 1, id: '', home: names[0] ?? '', servers: names, retired: [] }
      const next = nextMap.after(wish, { ...map, places: settled })?.(2)
      const changed = next?.places.flatMap((place, shard) => ('on' in place ? [] : [shard]))
      expect(changed).toEqual(moved)
      for (const place of next?.places ?? []) if ('to' in place) expect(place.to).toBe(joining.name)
    }
  })

  test('stay even while servers are added one after the other', () => {
    for (const { cache, shards } of setup(20)) {
      const servers: WeighedServer[] = [{ name: 'first', weight: 1 }]
      const homes = homesOf(cache, servers, shards)
      for (const at of range(6)) {
        const joining = { name: `server-${at}`, weight: 1 }
        for (const shard of shardsToMove({ cache, servers, joining, homes })) {
          homes[shard] = joining.name
        }
        servers.push(joining)
        const counts = countsOf(homes, servers)
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
      }
    }
  })

  test('of a server that leaves go to the others, evenly, and only those move', () => {
    for (const { cache, servers, joining, shards } of setup(50)) {
      const all = [...servers, joining]
      const homes = homesOf(cache, all, shards)
      const names = all.map(({ name }) => name)
      const map = { version: 1, id: '', home: joining.name, servers: names, retired: [] }
      const places = homes.map((on) => ({ on, since: 1 }))
      const wish = { cache, servers: all, retire: [joining.name] }
      const next = nextMap.after(wish, { ...map, places })?.(2)
      expect(next?.home).not.toBe(joining.name)
      expect(next?.retired).toEqual([joining.name])
      const after = next?.places.map((place, shard) => {
        const isMoving = !('on' in place)
        expect(isMoving).toBe(homes[shard] === joining.name)
        return isMoving ? place.to : place.on
      })
      const counts = countsOf(after ?? [], servers)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1)
    }
  })
})

describe('the next map', () => {
  const names = ['a', 'b']
  const servers = names.map((name) => ({ name, weight: 1 }))
  const map = { version: 5, id: '', home: 'a', servers: names, retired: ['old'] }
  const places = [
    { on: 'a', since: 1 },
    { on: 'b', since: 1 },
    { on: 'a', since: 1 },
  ]
  const wish = { cache: 'shop', servers, retire: [] }

  test('is the same map where there is nothing to do', () => {
    expect(nextMap.after(wish, { ...map, places })).toBeUndefined()
  })

  test('does not take back a server that was retired', () => {
    const given = [...servers, { name: 'old', weight: 1 }]
    expect(nextMap.after({ ...wish, servers: given }, { ...map, places })).toBeUndefined()
  })

  test('is not made by a process that was not given all servers', () => {
    const given = [
      { name: 'a', weight: 1 },
      { name: 'c', weight: 1 },
    ]
    expect(nextMap.after({ ...wish, servers: given }, { ...map, places })).toBeUndefined()
  })

  test('adds no server while shards are on the move', () => {
    const given = [...servers, { name: 'c', weight: 1 }]
    const moving = [...places.slice(0, 2), { from: 'a', to: 'b', since: 4 }]
    expect(nextMap.after({ ...wish, servers: given }, { ...map, places: moving })).toBeUndefined()
  })

  test('sends shards elsewhere that are on their way to a server that leaves', () => {
    const moving = [...places.slice(0, 2), { from: 'a', to: 'c', since: 4 }]
    const given = { ...wish, retire: ['c'] }
    const next = nextMap.after(given, { ...map, servers: ['a', 'b', 'c'], places: moving })?.(6)
    expect(next?.places[2]).toEqual({ from: 'a', to: expect.stringMatching(/a|b/), since: 6 })
  })
})
