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
    limit: '53.7 kB',
  },
  row('.', '39.9 kB', { ignore: onDemand }),
  row('./fetch', '44.8 kB', { ignore: onDemand }),
  row('./axios', '48.3 kB', { ignore: ['axios', ...onDemand] }),
  row('./ky', '44.4 kB', { ignore: onDemand }),
  row('./evm', '29.1 kB'),
  row('./svm', '18.2 kB'),
  row('./limits', '6.4 kB'),
  row('./ledger', '8.7 kB'),
  row('./ledger/browser', '15.4 kB'),
  row('./ledger/file', '19 kB', { ignore: ['node:*'] }),
  row('./testing', '23.4 kB'),
]
