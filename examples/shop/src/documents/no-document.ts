import type { Problem } from '../server/request-error.ts'

export function noDocument(id: number): Problem {
  return { field: 'id', message: `There is no document ${id}.` }
}
