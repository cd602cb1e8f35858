/** `setShadow()` of a collection: how many of its hits are compared, from now on. */

import type { Shadowed } from '../contracts/shadow.ts'
import { checkOpen, type Engine } from './engine.ts'
import { refuseArgument } from './field-check.ts'
import { checkShare } from './resolve-shadow.ts'
import type { Shadow } from './shadow.ts'
import type { Space } from './space.ts'
import { arrangeMemory } from './switch-mode.ts'

export function shadowCall(engine: Engine, space: Space, shadow: Shadow): Shadowed['setShadow'] {
  return (share) => {
    checkOpen(engine)
    setShare(space, shadow, checkShare(share, 'share', refuseArgument))
  }
}

/** `share` was checked. */
export function setShare(space: Space, shadow: Shadow, share: number): void {
  shadow.set(share)
  space.shadow = share > 0 ? shadow : undefined
  arrangeMemory(space)
}
