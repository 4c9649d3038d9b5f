// workerd: one request for each situation, as a deployed worker meets them, on a client that outlives the requests.
import { situations } from './scenario.js'

export default {
  async fetch(request) {
    const { situation, seller } = await request.json()
    try {
      return Response.json(await situations[situation](seller))
    } catch (error) {
      return new Response(String(error?.stack ?? error), { status: 500 })
    }
  },
}
