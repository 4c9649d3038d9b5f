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
    limit: '61.6 kB',
  },
  row('.', '46.9 kB', { ignore: onDemand }),
  row('./fetch', '52.3 kB', { ignore: onDemand }),
  row('./axios', '56.1 kB', { ignore: ['axios', ...onDemand] }),
  row('./ky', '51.8 kB', { ignore: onDemand }),
  row('./evm', '31.2 kB'),
  row('./svm', '19.6 kB'),
  row('./limits', '7.2 kB'),
  row('./ledger', '11.1 kB'),
  row('./ledger/browser', '17.7 kB'),
  row('./ledger/file', '21.2 kB', { ignore: ['node:*'] }),
  row('./testing', '50.4 kB', { ignore: ['viem'] }),
]
