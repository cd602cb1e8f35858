import { request } from 'node:http'
import { text } from 'node:stream/consumers'

/** As a client that knows several proxies by one name, which `fetch` does not let one do. */
export async function askAs(
  host: string,
  url: string,
  method = 'GET',
): Promise<{ readonly body: string; readonly status: string }> {
  return await new Promise((resolve, reject) => {
    const asking = request(url, { method, headers: { host } }, (response) => {
      const status = String(response.headers['cache-status'])
      text(response).then((body) => resolve({ body, status }), reject)
    })
    asking.once('error', reject).end()
  })
}
