import type { SqliteEngine } from './sqlite-engine.ts'
export function openTierEngine(_: { report: (e: never) => void }): SqliteEngine {
  throw new Error('x')
}
