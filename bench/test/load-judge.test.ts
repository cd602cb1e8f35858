import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Judge } from '../src/load/judge.ts'
import { ObservationLog, readObservations } from '../src/load/observations.ts'
import { drawProducts, judgedProducts, productOfRank } from '../src/load/popular-products.ts'
import { parentOf, processorMs } from '../src/load/processor-time.ts'
import { draftOfSerial, serialOfAnswer, serialOfPrice } from '../src/load/serial-price.ts'
import { temporaryFolder } from '../src/measure/temporary-folder.ts'

describe('the judge', () => {
  test('calls a read stale that does not show what was acknowledged before it began', () => {
    const judge = new Judge({ boundMs: 100, blindMs: 1_000 })
    judge.acknowledge(7, 1, 1_000)
    judge.acknowledge(7, 2, 2_000)
    judge.judge({ product: 7, serial: 2, beganAt: 2_500 })
    judge.judge({ product: 7, serial: 1, beganAt: 2_050 })
    // The first change that it misses is what makes it stale, not the last one.
    judge.judge({ product: 7, serial: 0, beganAt: 2_050 })
    expect(judge.judgement).toMatchObject({
      reads: 3,
      writes: 2,
      stale: 2,
      beyondBound: 1,
      beyondBlindness: 1,
    })
    expect(judge.judgement.staleMs).toMatchObject({ max: 1_050 })
  })

  test('does not ask for more than was acknowledged, nor for what came while the read was under way', () => {
    const judge = new Judge({ boundMs: 0, blindMs: 1_000 })
    judge.acknowledge(7, 2, 2_000)
    judge.judge({ product: 7, serial: 0, beganAt: 1_999 })
    judge.judge({ product: 7, serial: 0, beganAt: 2_000 })
    judge.judge({ product: 7, serial: 3, beganAt: 1_000 })
    judge.judge({ product: 8, serial: 0, beganAt: 9_000 })
    expect(judge.judgement).toMatchObject({ reads: 4, stale: 0, staleMs: { p99: 0, max: 0 } })
  })

  test('counts the fresh reads in its percentiles', () => {
    const judge = new Judge({ boundMs: 1_000, blindMs: 1_000 })
    judge.acknowledge(7, 1, 1_000)
    for (let read = 0; read < 98; read += 1) judge.judge({ product: 7, serial: 1, beganAt: 2_000 })
    expect(judge.judgement.staleMs.p99).toBe(0)
    for (let read = 0; read < 2; read += 1) judge.judge({ product: 7, serial: 0, beganAt: 1_500 })
    expect(judge.judgement.staleMs.p50).toBe(0)
    expect(judge.judgement.staleMs.p99).toBeGreaterThanOrEqual(500)
  })

  test('keeps the last change of each product from pass to pass', () => {
    const judge = new Judge({ boundMs: 0, blindMs: 1_000 })
    judge.acknowledge(7, 2, 2_000)
    judge.acknowledge(7, 1, 1_000)
    judge.forgetOvertaken()
    expect([...judge.lastAcknowledged()]).toEqual([[7, 2]])
    judge.judge({ product: 7, serial: 1, beganAt: 3_000 })
    expect(judge.judgement).toMatchObject({ stale: 1, staleMs: { max: 1_000 } })
  })
})

test('what was seen comes to the judge as it was', async () => {
  await using folder = await temporaryFolder()
  const log = new ObservationLog()
  const seen = Array.from({ length: 70_000 }, (_, at) => ({
    kind: at % 3 === 0 ? ('write' as const) : ('read' as const),
    product: at,
    serial: at * 2,
    beganAt: at + 0.25,
    endedAt: at + 0.5,
  }))
  for (const observation of seen) log.add(observation)
  const path = join(folder.path, 'seen')
  await log.save(path)
  const read: unknown[] = []
  for await (const observation of readObservations(path)) read.push(observation)
  expect(read).toEqual(seen)
})

describe('the load', () => {
  test('recognises a change by its price, and takes what a new shop has for none', () => {
    const { priceCents } = JSON.parse(draftOfSerial(7, 42)) as { priceCents: number }
    expect(serialOfPrice(priceCents)).toBe(42)
    expect(
      serialOfAnswer(`{"cached":true,"data":{"id":7,"priceCents":${priceCents},"sold":1}}`),
    ).toBe(42)
    expect(serialOfAnswer('{"data":{"id":7,"priceCents":39999}}')).toBe(0)
    expect(serialOfAnswer('{"error":{"field":"id"}}')).toBeUndefined()
  })

  test('asks for popular products most, each of which is another, and all of which there are', () => {
    const ids = Array.from({ length: 1_000 }, (_, rank) => productOfRank(rank, 1_000))
    expect(new Set(ids).size).toBe(1_000)
    expect(Math.min(...ids)).toBe(1)
    expect(Math.max(...ids)).toBe(1_000)
    const { product } = drawProducts({ products: 1_000, skew: 1, seed: 1 })
    const drawn = Array.from({ length: 10_000 }, product)
    const of = (rank: number): number =>
      drawn.filter((id) => id === productOfRank(rank, 1_000)).length
    expect(of(0) / of(9)).toBeGreaterThan(7)
    expect(of(0) / of(9)).toBeLessThan(14)
  })

  test('leaves some products to the judge, popular ones and others', () => {
    const judged = judgedProducts(10_000)
    expect(judged).toHaveLength(20)
    expect(judged[0]).toBe(productOfRank(3, 10_000))
    expect(judgedProducts(100)).toHaveLength(2)
  })
})

describe('processor time', () => {
  test('is that of a process and its children, and grows; nobody tells where there is no /proc', async () => {
    const before = processorMs(process.pid)
    await once(spawn(process.execPath, ['-e', 'for (let at = 0; at < 3e8; at += 1);']), 'exit')
    const after = processorMs(process.pid)
    const isTold = existsSync('/proc/self/stat')
    expect(
      after === undefined || before === undefined ? 50 : after - before,
    ).toBeGreaterThanOrEqual(50)
    expect([before !== undefined, parentOf(process.pid)]).toEqual([
      isTold,
      isTold ? process.ppid : undefined,
    ])
  })

  test('of a process that there is not is not known', () => {
    expect(processorMs(2 ** 22 + 1)).toBeUndefined()
  })
})
