import { createServer } from 'node:http'
import { type Listening, listen } from '../chain/listen.js'

/** A site whose every path is one page, with these scripts in it. */
export function startSite(...scripts: readonly string[]): Promise<Listening> {
  const tags = scripts.map((_, index) => `<script src="/${index}.js"></script>`).join('')
  const server = createServer(({ url = '' }, response) => {
    const script = scripts[Number(/^\/(\d+)\.js$/.exec(url)?.[1])]
    response.setHeader('content-type', `text/${script === undefined ? 'html' : 'javascript'}; charset=utf-8`)
    response.end(script ?? `<!doctype html><title>A page</title>${tags}`)
  })
  return listen(server)
}
