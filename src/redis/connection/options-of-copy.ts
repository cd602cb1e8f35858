/**
 * The options of a node-redis cluster or sentinel client, which it shows to nobody: its `duplicate`
 * hands all of them to the constructor that it finds on its prototype, and that is a function of
 * ours here. Called by `node-redis-source.ts`, to change one option inside another (`duplicate` only
 * replaces whole ones).
 */

/** Empty if a later version of the driver copies itself in another way. */
export function optionsOfCopy(client: object): Readonly<Record<string, unknown>> {
  let seen: unknown
  const prototype = Object.create(client, {
    constructor: {
      value: function seeOptions(options: unknown): void {
        seen = options
      },
    },
  })
  const copyable = Object.create(prototype) as { duplicate(): unknown }
  try {
    copyable.duplicate()
  } catch {
    return {}
  }
  return typeof seen === 'object' && seen !== null ? { ...seen } : {}
}
