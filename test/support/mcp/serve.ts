import { createServer } from 'node:http'
import { register } from 'node:module'
import { getRequestListener } from '@hono/node-server'
import { listen } from '../chain/listen.js'
import { openShop } from './open-shop.js'
import type { ServerPlan } from './plan.js'

/** Serves what its plan says, until its client goes away or ends it. Over HTTP it tells its address in a line. */
const plan: ServerPlan = JSON.parse(process.argv[2] ?? '')

// mppx builds on a package that isn't installed here; what it takes from there is written from the specification.
const wrapper = new URL('./payment-wrapper.mjs', import.meta.url).href
const hook = `export const resolve = (name, context, next) =>
  name === '@x402/mcp' ? { url: ${JSON.stringify(wrapper)}, shortCircuit: true } : next(name, context)`
register(`data:text/javascript,${encodeURIComponent(hook)}`)

const shop = await openShop(plan)
const { serveStdio, serveHttp } = await (plan.sdk === 1 ? import('./serve-1.js') : import('./serve-2.js'))
if (plan.transport === 'stdio') {
  await serveStdio(plan, shop)
} else {
  const { url } = await listen(createServer(getRequestListener(await serveHttp(plan, shop))))
  process.stdout.write(`${url}/mcp\n`)
}
