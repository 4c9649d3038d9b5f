import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import { afterAll } from 'vitest'
import { describeRedisContract } from '../../support/engines/redis-handles.js'
import { startRedis, startRedisCluster } from '../../support/engines/start-redis.js'

const server = await startRedis({ appendfsync: 'no' })
const clustered = await startRedisCluster({ appendfsync: 'no' })
const { port } = server
const host = '127.0.0.1'

const redis = new Redis({ port, host, autoResendUnfulfilledCommands: false })
const client = createClient({ socket: { port, host } })
const cluster = new Cluster([{ port: clustered.port, host }])
const nodeCluster = createCluster({ rootNodes: [{ socket: { port: clustered.port, host } }] })
await Promise.all([client.connect(), nodeCluster.connect()])

afterAll(async () => {
  redis.disconnect()
  cluster.disconnect()
  client.destroy()
  nodeCluster.destroy()
  await server.stop()
  await clustered.stop()
})

describeRedisContract('createRedisLedger: through ioredis', ([name = '', ...args]) => redis.call(name, ...args), {
  histories: 40,
})

describeRedisContract('createRedisLedger: through node-redis', (args) => client.sendCommand([...args]), {
  histories: 20,
})

describeRedisContract(
  'createRedisLedger: through the Cluster of ioredis',
  ([name = '', ...args]) => cluster.call(name, ...args),
  { histories: 10 },
)

describeRedisContract(
  'createRedisLedger: through the cluster of node-redis',
  (args) => nodeCluster.sendCommand(args[3], false, [...args]),
  { histories: 10 },
)

let count = 0
/** Every seventh reply of a script is lost after it was carried out. */
const forgetful = async ([name = '', ...args]: readonly string[]) => {
  const reply = await redis.call(name, ...args)
  count += 1
  if (name === 'EVALSHA' && count % 7 === 0) throw new Error('Connection is closed.')
  return reply
}

describeRedisContract('createRedisLedger: through a connection that loses replies', forgetful, { histories: 20 })
