/** What the JSON schemas of several services have in common. */

export const instant = { type: 'integer', description: 'Milliseconds since 1970' } as const
export const id = { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER } as const
export const page = { type: 'integer', minimum: 1, maximum: 10_000, default: 1 } as const
export const priceCents = { type: 'integer', minimum: 0, maximum: 1_000_000_000 } as const
