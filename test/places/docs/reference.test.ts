import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommentTag, type DeclarationReflection, type ProjectReflection, ReflectionKind } from 'typedoc'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readModel, toText } from '../../../scripts/reference/model.js'
import { writeReference } from '../../../scripts/reference/write.js'
import { root } from './examples.js'

const fresh = mkdtempSync(join(tmpdir(), 'pay402-fresh-'))
let pages: string[] = []
let project: ProjectReflection

beforeAll(async () => {
  project = (await readModel()).project
  pages = await writeReference(fresh)
})
afterAll(() => rmSync(fresh, { recursive: true }))

it('npm run reference: has been run since the comments changed', () => {
  const stale = pages.filter((page) => {
    const committed = join(root, page)
    return !existsSync(committed) || readFileSync(committed, 'utf8') !== readFileSync(join(fresh, page), 'utf8')
  })
  expect(stale).toEqual([])
})

it('docs/reference: has no page that nothing is exported to', () => {
  const committed = readdirSync(join(root, 'docs/reference')).map((file) => `docs/reference/${file}`)
  expect(committed.filter((page) => !pages.includes(page))).toEqual([])
})

it('docs/reference: has no path of the machine that made it, and no link to a line of the sources', () => {
  const own = pages.filter((page) => page.startsWith('docs/reference/'))
  const telling = own.filter((page) => /\/(?:work|home|Users|node_modules)\/|\.ts#L\d|blob\//.test(read(page)))
  expect(telling).toEqual([])
})

it('docs/reference: describes every name that is exported', () => {
  const silent = listExports().filter((reflection) => describe(reflection) === '')
  expect(silent.map((reflection) => reflection.getFullName())).toEqual([])
})

it('docs/reference: describes every option', () => {
  const options = listOptions()
  expect(options.length).toBeGreaterThan(100)
  expect(options.filter((option) => describe(option) === '').map((option) => option.getFullName())).toEqual([])
})

it('docs/reference: says of every option that may be left out what holds without it', () => {
  const silent = listOptions().filter((option) => option.flags.isOptional && !saysDefault(option))
  expect(silent.map((option) => option.getFullName())).toEqual([])
})

function read(page: string): string {
  return readFileSync(join(fresh, page), 'utf8')
}

function listExports(): DeclarationReflection[] {
  return (project.children ?? [])
    .flatMap((module) => module.children ?? [])
    .filter(({ kind }) => kind !== ReflectionKind.Reference)
}

/** The properties of every type that is named as options are. */
function listOptions(): DeclarationReflection[] {
  return listExports()
    .filter(({ name }) => /(?:Options|Config)$/.test(name))
    .flatMap(
      (type) => type.children ?? type.type?.visit({ reflection: ({ declaration }) => declaration.children }) ?? [],
    )
}

/** A function's comment is that of its first signature. */
function describe(reflection: DeclarationReflection): string {
  const signature = reflection.signatures?.[0] ?? reflection.getSignature
  const comment = reflection.comment ?? signature?.comment
  const declared = reflection.type?.visit({ reflection: ({ declaration }) => declaration.signatures?.[0]?.comment })
  return toText(comment?.summary ?? declared?.summary)
}

function saysDefault(option: DeclarationReflection): boolean {
  const comment = option.comment ?? option.signatures?.[0]?.comment
  const tags: readonly CommentTag[] = comment?.blockTags ?? []
  return tags.some(({ tag }) => tag.startsWith('@default')) || WORDS.test(describe(option))
}

/** Words that say what happens when an option is left out. */
const WORDS = /\b(?:without (?:it|one|this)|by default|otherwise|left out|if absent|absent)\b/i
