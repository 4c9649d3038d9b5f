import { gzipSync } from 'node:zlib'
import { askToPay } from '../../support/offers.js'
import type { Handler } from '../../support/start-seller.js'
import { openSeller } from '../fetch/open-seller.js'

/** What every kind of answer is, by its path. */
const answers: Readonly<Record<string, Handler>> = {
  '/json': (_request, response) => void response.setHeader('content-type', 'application/json').end('{"a":[1,"☂"]}'),
  '/bom': (_request, response) => void response.setHeader('content-type', 'text/plain').end('\ufeffafter the mark'),
  '/latin1': (_request, response) => void response.end(Buffer.from('café', 'latin1')),
  '/bytes': (_request, response) => void response.end(Buffer.from([0, 255, 128, 10])),
  '/html': (_request, response) => void response.setHeader('content-type', 'text/html').end('<p>page</p>'),
  '/broken-json': (_request, response) => void response.setHeader('content-type', 'application/json').end('{"a":'),
  '/gzip': (_request, response) =>
    void response.setHeader('content-encoding', 'gzip').setHeader('content-type', 'text/plain').end(gzipSync('packed')),
  '/not-gzip': (_request, response) => void response.setHeader('content-encoding', 'gzip').end('not packed at all'),
  '/form': (_request, response) =>
    void response.setHeader('content-type', 'application/x-www-form-urlencoded').end('a=1&b=2'),
  '/empty': (_request, response) => void response.writeHead(204).end(),
  '/twice': (_request, response) => void response.setHeader('set-cookie', ['a=1', 'b=2']).end('twice'),
  '/gone': (_request, response) =>
    void response.writeHead(410, 'Gone for good', { 'content-type': 'application/json' }).end('{"why":"sold"}'),
  '/failing': (_request, response) => void response.writeHead(500).end('no luck'),
  '/long': (_request, response) => void response.end('x'.repeat(100_000)),
  '/long-in-parts': (_request, response) => {
    response.write('x'.repeat(50_000))
    response.end('x'.repeat(50_000))
  },
  '/breaks-off': (_request, response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('the first part')
    setImmediate(() => response.destroy())
  },
  '/stalls': (_request, response) => void response.write('the first part'),
  '/drops': (_request, response) => void response.destroy(),
  '/moved': (_request, response) => void response.writeHead(302, { location: '/json' }).end(),
}

/**
 * A server with every kind of answer; the same below `/paid` for a cent. Its receipts are left out, so that answers are alike.
 *
 * @param keepWaiting - What happens while `/silent` is waited for.
 */
export function openLibrary(keepWaiting: () => void = () => undefined) {
  return openSeller((request, response) => {
    const { pathname } = new URL(request.path, 'http://localhost')
    const isPaid = pathname.startsWith('/paid/')
    if (isPaid && request.payment === undefined) return askToPay(response)
    if (pathname.endsWith('/silent')) return keepWaiting()
    return answers[isPaid ? pathname.slice('/paid'.length) : pathname]?.(request, response)
  })
}
