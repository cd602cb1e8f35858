import { AdminProblem } from './admin-problem.ts'

/** A thousand keys of some length; a body is held in memory before it is looked at. */
const BODY_BYTES_AT_MOST = 262_144

/** A body that is not there is an empty object. @throws AdminProblem */
export async function readJsonBody(request: Request): Promise<unknown> {
  const bytes = await readBytes(request)
  if (bytes.byteLength === 0) {
    if (Number(request.headers.get('content-length') ?? 0) > 0) throw readBefore()
    return {}
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw new AdminProblem('bad-request', 'Expected the body to be JSON.', { field: 'body' })
  }
}

/** What is called JSON cannot be sent by a page of another site without being asked first. */
export function isJson({ headers }: Request): boolean {
  const [type = ''] = (headers.get('content-type') ?? '').split(';')
  return type.trim().toLowerCase() === 'application/json'
}

async function readBytes(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > BODY_BYTES_AT_MOST) throw tooLarge()
  if (request.body === null) return new Uint8Array()
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      size += next.value.byteLength
      // What the header has said need not be true, or it may say nothing.
      if (size > BODY_BYTES_AT_MOST) throw tooLarge()
      chunks.push(next.value)
    }
  } catch (error) {
    // Whoever sends has gone, or sends too much; either way nobody waits for the rest.
    await reader.cancel().catch(() => {})
    if (error instanceof AdminProblem) throw error
    throw new AdminProblem('bad-request', 'The body ended too early.', { field: 'body' })
  }
  return joined(chunks, size)
}

/** A framework's own parser has been there before. */
function readBefore(): AdminProblem {
  const words =
    'The body was read before it came here: mount the admin API before what parses bodies.'
  return new AdminProblem('bad-request', words, { field: 'body' })
}

function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

function tooLarge(): AdminProblem {
  return new AdminProblem(
    'too-large',
    `Expected the body to be at most ${BODY_BYTES_AT_MOST} bytes.`,
    { field: 'body' },
  )
}
