/** The second instance of a service that writes behind: it takes the queue too. Started by `behind-service.ts`. */

import { openBehind } from '../subjects/writes/behind-instance.ts'
import type { BehindPlace } from '../subjects/writes/behind-place.ts'
import { answerParent } from './answer-parent.ts'

const [, , place] = process.argv
const instance = await openBehind(JSON.parse(place ?? '') as BehindPlace)

/** There is one question: what it has drained so far. */
answerParent<object>(async () => instance.drained())
