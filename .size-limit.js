import { readdirSync } from 'node:fs'

/** What is loaded on demand: a chunk that isn't shared by what is loaded first is named after its one file. */
const onDemand = readdirSync('dist').flatMap((file) => {
  const [, name] = /^(.+)-[A-Z0-9]{8}\.js$/.exec(file) ?? []
  return name === undefined || name === 'chunk' ? [] : [`./${file}`]
})

const row = (name, limit, more = {}) => ({
  name,
  path: `dist/${name === '.' ? 'index' : name.slice(2)}.js`,
  gzip: true,
  limit,
  ...more,
})

export default [
  {
    name: 'fetch + evm, account given: first load',
    import: {
      'dist/index.js': '{ x402Client }',
      'dist/fetch.js': '{ wrapFetchWithPayment }',
      'dist/evm.js': '{ ExactEvmScheme }',
    },
    ignore: onDemand,
    gzip: true,
    limit: '71.5 kB',
  },
  row('.', '58.2 kB', { ignore: onDemand }),
  row('./fetch', '62.3 kB', { ignore: onDemand }),
  row('./axios', '66.1 kB', { ignore: ['axios', ...onDemand] }),
  row('./ky', '61.8 kB', { ignore: onDemand }),
  row('./agents', '30.6 kB', { ignore: ['zod', ...onDemand] }),
  row('./mcp', '61.1 kB', { ignore: onDemand }),
  row('./evm', '31.6 kB'),
  row('./svm', '20.4 kB'),
  row('./limits', '8.1 kB'),
  row('./ledger', '12.4 kB'),
  row('./ledger/browser', '19.4 kB'),
  row('./ledger/file', '33.3 kB', { ignore: ['node:*'] }),
  row('./ledger/redis', '28.5 kB'),
  row('./ledger/postgres', '28.3 kB'),
  row('./desk', '18.4 kB'),
  row('./testing', '52.8 kB', { ignore: ['viem'] }),
]
