import { abortable } from '../../payment/abort.js'
import { asPageSees } from './answer.js'
import type { Service } from './service.js'

/** Most redirects that are followed. Source: Fetch standard, "HTTP-redirect fetch". */
const MAX_REDIRECTS = 20

const REDIRECTS = [301, 302, 303, 307, 308]

/** Creates a `fetch` that reaches one seller, in this process. As in Node, a redirect that isn't followed is shown as it is. */
export function createSellerFetch(service: Service): typeof fetch {
  return async (input, init) => follow(service, new Request(input, init), 0)
}

async function follow(service: Service, request: Request, redirects: number): Promise<Response> {
  const { signal, url, redirect } = request
  signal.throwIfAborted()
  // The answer is for the seller; what comes after it may read the body once more.
  const answered = await abortable(service.answer(request.clone()), signal)
  if (answered === 'closed') throw new TypeError('fetch failed', { cause: new TypeError('other side closed') })
  const response = asPageSees(answered)
  const location = response.headers.get('location')
  if (location !== null && REDIRECTS.includes(response.status) && redirect !== 'manual') {
    const next = new URL(location, url)
    // Nobody else can be reached.
    const isReached = redirect === 'follow' && next.origin === new URL(url).origin && redirects < MAX_REDIRECTS
    if (!isReached) throw new TypeError('fetch failed', { cause: new TypeError(`no way to ${next.origin}`) })
    return follow(service, toNext(request, response.status, next), redirects + 1)
  }
  const shown = request.method === 'HEAD' ? new Response(null, response) : response
  if (shown !== response) Object.defineProperty(shown, 'type', { value: response.type })
  Object.defineProperty(shown, 'url', { value: url.split('#', 1)[0] })
  return shown
}

/** The request after a redirect. Source: Fetch standard: a 303, and a 301 or 302 of a POST, become GET without the body. */
function toNext(request: Request, status: number, url: URL): Request {
  const isKept = ['GET', 'HEAD'].includes(request.method) || status === 307 || status === 308
  if (isKept) return new Request(url, request)
  const { headers, signal } = request
  return new Request(url, { method: 'GET', headers, signal })
}
