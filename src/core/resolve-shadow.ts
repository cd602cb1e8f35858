/** What users say about shadow mode, checked where it is given. */

import type { ShadowOptions } from '../contracts/shadow.ts'
import { DEFAULTS } from './defaults.ts'
import { checkNumber, type Refuse, refuseOption } from './field-check.ts'

/** @throws ConfigError */
export function resolveShadow<V>(
  options: number | ShadowOptions<V> = DEFAULTS.shadow,
  path: string,
): { readonly share: number; readonly same: ShadowOptions<V>['same'] } {
  if (typeof options !== 'object') {
    return { share: checkShare(options, path, refuseOption), same: undefined }
  }
  const { share = DEFAULTS.shadowing.share, same } = options
  return { share: checkShare(share, `${path}.share`, refuseOption), same }
}

export function checkShare(share: number, field: string, refuse: Refuse): number {
  return checkNumber(share, { field, refuse, least: 0, most: 1 })
}
