// Node, Bun and Deno: tells one line of JSON.
import { createRequire } from 'node:module'
import { argv, versions } from 'node:process'
import { entries } from './entries.js'
import { situations } from './scenario.js'

const [seller, mode, ...names] = argv.slice(2)
const told = { version: versions.bun ?? versions.deno ?? versions.node, situations: {} }
for (const name of names) told.situations[name] = await situations[name](seller)
told.imported = await situations.entries()
if (mode === 'require') {
  const require = createRequire(import.meta.url)
  told.required = Object.fromEntries(Object.keys(entries).map((name) => [name, Object.keys(require(name)).sort()]))
}
told.globals = situations.globals()
console.log(JSON.stringify(told))
