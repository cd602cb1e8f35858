/** How a collection writes, checked when it is declared. */

import type { CollectionOptions, WritePolicy } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import { DEFAULTS } from './defaults.ts'
import { checkWord, refuseOption } from './field-check.ts'

type Operation = 'create' | 'put' | 'remove'

export interface ResolvedWrites {
  readonly policies: Readonly<Record<Operation, Exclude<WritePolicy, 'behind'>>>
  readonly whenUnprotected: 'allow' | 'reject'
}

/** @throws ConfigError */
export function resolveWrites<K extends CacheKey, V>(
  name: string,
  options: CollectionOptions<K, V>,
): ResolvedWrites {
  const path = `collection(${name})`
  const policy = (operation: Operation): Exclude<WritePolicy, 'behind'> => {
    const asked: WritePolicy = options.write?.[operation] ?? DEFAULTS.write[operation]
    if (asked === 'around' || asked === 'through') return asked
    throw new ConfigError({
      field: `${path}.write.${operation}`,
      expected: "'around' or 'through'",
      actual: asked,
      ...(asked === 'behind' ? { cure: 'Writing behind does not exist yet in this release.' } : {}),
    })
  }
  return {
    policies: { create: policy('create'), put: policy('put'), remove: policy('remove') },
    whenUnprotected: checkWord(
      options.whenUnprotected ?? DEFAULTS.whenUnprotected,
      ['allow', 'reject'],
      { field: `${path}.whenUnprotected`, refuse: refuseOption },
    ),
  }
}
