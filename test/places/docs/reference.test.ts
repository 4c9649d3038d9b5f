import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, posix } from 'node:path'
import {
  type CommentTag,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type SomeType,
} from 'typedoc'
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

it('llms.txt: leads to every page that docs/README.md lists, and to the reference of every entry', () => {
  const llms = read('llms.txt')
  const linked = [...llms.matchAll(/^- \[[^\]]+\]\(([^)#]+)\): \S/gm)].map(([, path = '']) => path)
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const listed = [...index.matchAll(/^- .*$/gm)].flatMap(([line]) =>
    [...line.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => posix.join('docs', path)),
  )
  const entries = pages.filter((page) => page.startsWith('docs/reference/'))
  expect(listed.length).toBeGreaterThan(25)
  expect([...listed, ...entries].filter((page) => !linked.includes(page))).toEqual([])
  expect(linked.filter((page) => !existsSync(join(root, page)))).toEqual([])
})

it('llms.txt: has the first program of README, whole', () => {
  const [program = ''] = /```ts\n[\s\S]*?\n```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  expect(program).toContain('paidFetch(')
  expect(read('llms.txt')).toContain(program)
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

it('docs/reference: shows the options of every type in an example', () => {
  const types = listOptionTypes()
  const silent = types.filter((type) => !listExamples(type).some((example) => showsOptionOf(type, example)))
  expect(types.length).toBeGreaterThan(20)
  expect(silent.map((type) => type.getFullName())).toEqual([])
})

function read(page: string): string {
  return readFileSync(join(fresh, page), 'utf8')
}

function listExports(): DeclarationReflection[] {
  return (project.children ?? [])
    .flatMap((module) => module.children ?? [])
    .filter(({ kind }) => kind !== ReflectionKind.Reference)
}

/** Every type that is named as options are, and has some. */
function listOptionTypes(): DeclarationReflection[] {
  return listExports().filter((type) => /(?:Options|Config)$/.test(type.name) && listOptionsOf(type).length > 0)
}

function listOptions(): DeclarationReflection[] {
  return listOptionTypes().flatMap(listOptionsOf)
}

function listOptionsOf(type: DeclarationReflection): DeclarationReflection[] {
  return type.children ?? type.type?.visit({ reflection: ({ declaration }) => declaration.children }) ?? []
}

/** The examples of a type, of its options, and of whatever takes it: `wrapFetchWithPayment` for `WrapFetchOptions`. */
function listExamples(type: DeclarationReflection): string[] {
  const takers = listExports().filter((one) => {
    const signatures = [one, ...(one.children ?? [])].flatMap(({ signatures = [] }) => signatures)
    return signatures.some(({ parameters = [] }) => parameters.some((parameter) => names(parameter.type, type)))
  })
  return [type, ...listOptionsOf(type), ...takers]
    .flatMap((one) => [
      one,
      ...(one.signatures ?? []),
      ...(one.children ?? []).flatMap(({ signatures = [] }) => signatures),
    ])
    .flatMap(({ comment }) => comment?.getTags('@example') ?? [])
    .map(({ content }) => toText(content))
}

function names(taken: SomeType | undefined, type: DeclarationReflection): boolean {
  return new RegExp(`\\b${type.name.replace('.', '\\.')}\\b`).test(taken?.toString() ?? '')
}

/** An option by its name, as a property or in short; an example of the option itself may be its value alone. */
function showsOptionOf(type: DeclarationReflection, example: string): boolean {
  const isOwn = listOptionsOf(type).some(({ comment }) =>
    comment?.getTags('@example').some(({ content }) => toText(content) === example),
  )
  return isOwn || listOptionsOf(type).some(({ name }) => new RegExp(`[{,\\s]${name}\\s*[:,}(]`).test(example))
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
