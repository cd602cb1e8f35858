/** What a collection's schema says of a value that comes from the shared tier. */

import type { StandardSchema } from '../contracts/standard-schema.ts'

type Checked =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: unknown }

/** Never rejects. */
export async function checkSchema(
  schema: StandardSchema<unknown>,
  value: unknown,
): Promise<Checked> {
  try {
    const result = await schema['~standard'].validate(value)
    if (result.issues === undefined) return { ok: true, value: result.value }
    return { ok: false, error: new Error(result.issues.map(({ message }) => message).join('; ')) }
  } catch (error) {
    return { ok: false, error }
  }
}
