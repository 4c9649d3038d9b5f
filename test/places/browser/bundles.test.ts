import { readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { entries } from '../../../tsup.config.js'
import { bundle } from '../../support/browser/bundle.js'
import { startSite } from '../../support/browser/start-site.js'
import { useProfile } from '../../support/browser/use-profile.js'
import { packages } from '../../unit/architecture/layers.js'
import { walk } from '../../unit/architecture/source-files.js'

const profile = useProfile()

/** Of Node, and of bundlers that stand in for it. */
const NODE = ['process', 'Buffer', 'global', 'require', 'module', 'exports', '__dirname', '__filename']

/** Entries that no row of the table lets import modules of Node. */
const names = Object.keys(entries).filter((name) => {
  const row = packages.find(({ holds }) => holds.test(entries[name] ?? ''))
  return row?.atRunTime.test('node:fs') !== true
})

const peers = Object.keys(JSON.parse(readFileSync('package.json', 'utf8')).peerDependencies)

const toText = (name: string) =>
  `import * as entry from 'pay402${name === 'index' ? '' : `/${name}`}'\nObject.assign(globalThis, { entry })`

describe('what a browser gets', () => {
  it('is every entry but those for Node', () => {
    expect(names).toEqual(expect.arrayContaining(['index', 'fetch', 'evm', 'limits', 'ledger', 'ledger/browser']))
    expect(names).not.toContain('ledger/file')
  })

  it.each(names)('%s: names nothing of Node', async (name) => {
    // What the user brings along is the user's: axios asks what it runs on.
    const text = await bundle({ text: toText(name) }, { external: peers, format: 'esm' })
    const named = [...walk(new Map([['bundle.ts', text]]))].filter(
      ({ node }) => ts.isIdentifier(node) && NODE.includes(node.text) && !isMember(node),
    )
    expect(named.map(({ at, node }) => `${at} ${node.getText()}`)).toEqual([])
  })

  it.each(names)('%s: loads in a page without touching a global of Node', async (name) => {
    const site = await startSite(await bundle({ text: toText(name) }))
    try {
      const tab = await profile().newPage()
      const errors: Error[] = []
      tab.on('pageerror', (error) => errors.push(error))
      await tab.addInitScript((globals) => {
        const touched: string[] = []
        for (const global of globals) {
          Object.defineProperty(globalThis, global, { get: () => void touched.push(global), configurable: true })
        }
        Object.assign(globalThis, { touched })
      }, NODE)
      await tab.goto(site.url)
      const found = await tab.evaluate(() => ({
        touched: Reflect.get(globalThis, 'touched'),
        exported: Object.keys(Reflect.get(globalThis, 'entry')).length,
      }))
      expect(errors).toEqual([])
      expect(found).toEqual({ touched: [], exported: expect.any(Number) })
      expect(found.exported).toBeGreaterThan(0)
    } finally {
      await site.stop()
    }
  })
})

it('error: a module of Node is no part of a page, as the ledger in a file shows', async () => {
  await expect(bundle({ text: toText('ledger/file') })).rejects.toThrow('node:')
})

/** The name of a property, which is nobody's global. */
function isMember(node: ts.Identifier): boolean {
  const { parent } = node
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) || ts.isPropertyDeclaration(parent)) &&
      parent.name === node)
  )
}
