/** The second instance of a service that writes behind: it takes the queue too. Started by `behind-service.ts`. */

import { openBehind } from '../subjects/writes/behind-instance.ts'
import type { BehindPlace } from '../subjects/writes/behind-place.ts'
import { answerParent } from './answer-parent.ts'
import type { DrainerQuestion } from './drainer-question.ts'

const [, , place] = process.argv
const instance = await openBehind(JSON.parse(place ?? '') as BehindPlace)

answerParent<DrainerQuestion>(async ({ ask }) => {
  if (ask === 'drained') return instance.drained()
  await instance.settle()
  return undefined
})
