import type { Problem } from '../server/request-error.ts'

export function noActivity(id: number): Problem {
  return { field: 'id', message: `There is no activity ${id}.` }
}
