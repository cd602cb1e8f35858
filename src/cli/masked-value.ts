/** Names of what nobody may read over a shoulder. */
const SECRET = /token|secret|password|passwd|credential|auth/i

/** A value as it may be shown: of a secret that there is one, of a URL without user and password. */
export function maskedValue(name: string, value: string | undefined): string | null {
  if (value === undefined || value === '') return null
  if (SECRET.test(name)) return '***'
  const url = value.includes('://') ? URL.parse(value) : null
  if (value.includes('://') && url === null) return '***'
  if (url === null) return value
  const hidden = url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== ''
  return `${url.protocol}//${hidden && (url.username || url.password) ? '***@' : ''}${url.host}${url.pathname}${url.search === '' && url.hash === '' ? '' : '***'}`
}
