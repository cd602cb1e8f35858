/**
 * The judge's process, one for each side. It has no part of the cache: it knows what was acknowledged to
 * itself and to the load, when, and what every request was answered.
 */

import { answerParent } from '../processes/answer-parent.ts'
import { serialsOfSource } from './compare-source.ts'
import { Judge } from './judge.ts'
import type {
  JudgeArguments,
  JudgeQuestion,
  JudgeReport,
  SourceComparison,
} from './judge-questions.ts'
import { readObservations } from './observations.ts'
import { judgedProducts } from './popular-products.ts'
import { Witness } from './witness.ts'

const asked = JSON.parse(process.argv[2] ?? '') as JudgeArguments
const { addresses, products, seed } = asked
const judge = new Judge(asked)
const witness = new Witness({ judge, addresses, products: judgedProducts(products), seed })

answerParent<JudgeQuestion>(async (question) => {
  switch (question.ask) {
    case 'begin':
      return witness.begin()
    case 'end':
      return await report(question.observations)
    case 'compare':
      return await compare(question)
    default:
      question satisfies never
  }
})

async function report(path: string): Promise<JudgeReport> {
  const reads: { product: number; serial: number; beganAt: number }[] = []
  for await (const { kind, product, serial, beganAt, endedAt } of readObservations(path)) {
    if (kind === 'write') judge.acknowledge(product, serial, endedAt)
    else reads.push({ product, serial, beganAt })
  }
  await witness.end()
  for (const read of reads) judge.judge(read)
  judge.forgetOvertaken()
  const { visible } = witness
  const visibleMs = {
    p50: visible.quantile(0.5),
    p99: visible.quantile(0.99),
    max: visible.maxMs,
  }
  return { ...judge.judgement, ...witness.counts, visibleMs }
}

async function compare({
  source,
}: Extract<JudgeQuestion, { ask: 'compare' }>): Promise<SourceComparison> {
  const serials = await serialsOfSource(source)
  const last = [...judge.lastAcknowledged()]
  const missing = last.filter(([product, serial]) => (serials.get(product) ?? -1) < serial)
  return { products: last.length, missing: missing.length }
}
