import { createCache, type WarmQuery } from 'tiercel'
import { describe, expect, onTestFinished, test } from 'vitest'
import { WarmRuns } from '../src/cache/warm-runs.ts'
import { warmSection } from '../src/status/warm-section.ts'

/** A cache of its own, with a source that answers when the test lets it. */
function setup(from: WarmQuery<number, string>) {
  const cache = createCache({ name: 'runs', logger: { warn() {}, error() {} } })
  const runs = new WarmRuns(cache)
  onTestFinished(async () => {
    await cache.close()
    runs.stop()
  })
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<void>()
  cache.collection<number, string>('lamp', {
    source: {
      loadMany: async (ids) => {
        asked.resolve()
        await answer.promise
        return new Map(ids.filter((id) => id < 30).map((id) => [id, `Lamp ${id}`]))
      },
    },
    warm: { start: { from } },
  })
  return { runs, asked: asked.promise, answer: () => answer.resolve() }
}

describe('runs of warming', () => {
  test('show how far they are, and what came of them', async () => {
    const { runs, asked, answer } = setup(() => Array.from({ length: 40 }, (_, n) => n))
    await asked
    expect(runs.all).toMatchObject([{ pattern: 'lamp:*', state: 'running', done: 0, expected: 40 }])
    expect(warmSection(runs.all)).toContain('<progress value="0" max="40"></progress> 0 of 40')

    answer()
    await expect.poll(() => runs.all[0]?.state).toBe('done')
    expect(runs.all).toMatchObject([{ done: 40, loaded: 30, absent: 10, fresh: 0, failed: 0 }])
    expect(warmSection(runs.all)).toContain('<td>40 of 40</td>')
    expect(warmSection(runs.all)).not.toContain('<progress')
  })

  test('whose query fails say why, in words that no browser takes for its own', async () => {
    const { runs } = setup(() => Promise.reject(new Error('no <table>')))
    await expect.poll(() => runs.all[0]?.state).toBe('failed')
    expect(warmSection(runs.all)).toContain('<p class="warning">lamp:*: no &lt;table>')
  })

  test('that there are none of are told as such', () => {
    expect(warmSection([])).toContain('Nothing was warmed yet.')
  })
})
