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
    limit: '66.8 kB',
  },
  row('.', '53.8 kB', { ignore: onDemand }),
  row('./fetch', '57.5 kB', { ignore: onDemand }),
  row('./axios', '61.5 kB', { ignore: ['axios', ...onDemand] }),
  row('./ky', '57 kB', { ignore: onDemand }),
  row('./agents', '28.5 kB', { ignore: ['zod', ...onDemand] }),
  row('./mcp', '58 kB', { ignore: onDemand }),
  row('./mcp', '56 kB', { ignore: onDemand }),
  row('./evm', '31.4 kB'),
  row('./svm', '20 kB'),
  row('./limits', '7.5 kB'),
  row('./ledger', '11.8 kB'),
  row('./ledger/browser', '18.5 kB'),
  row('./ledger/file', '22 kB', { ignore: ['node:*'] }),
  row('./desk', '17.4 kB'),
  row('./testing', '51.3 kB', { ignore: ['viem'] }),
]
