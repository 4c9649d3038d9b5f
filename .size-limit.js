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
    limit: '68.5 kB',
  },
  row('.', '55.4 kB', { ignore: onDemand }),
  row('./fetch', '59.2 kB', { ignore: onDemand }),
  row('./axios', '63.3 kB', { ignore: ['axios', ...onDemand] }),
  row('./ky', '58.8 kB', { ignore: onDemand }),
  row('./agents', '30 kB', { ignore: ['zod', ...onDemand] }),
  row('./mcp', '58.1 kB', { ignore: onDemand }),
  row('./evm', '31.4 kB'),
  row('./svm', '20 kB'),
  row('./limits', '7.8 kB'),
  row('./ledger', '12 kB'),
  row('./ledger/browser', '18.9 kB'),
  row('./ledger/file', '30.5 kB', { ignore: ['node:*'] }),
  row('./desk', '17.8 kB'),
  row('./testing', '51.7 kB', { ignore: ['viem'] }),
]
