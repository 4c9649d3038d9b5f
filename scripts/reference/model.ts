import {
  Application,
  Comment,
  type CommentTag,
  Context,
  Converter,
  type DeclarationReflection,
  type ProjectReflection,
  ReflectionKind,
  type TypeDocOptions,
} from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import ts from 'typescript'
import { entries } from '../../tsup.config.js'

/** The page of an entry, by its name in `dist`: `index` is `pay402`, `ledger/browser` is `ledger-browser`. */
export function toPageName(entry: string): string {
  return entry === 'index' ? 'pay402' : entry.replaceAll('/', '-')
}

/** What a user imports: `pay402`, `pay402/ledger/browser`. */
export function toSpecifier(entry: string): string {
  return entry === 'index' ? 'pay402' : `pay402/${entry}`
}

/** Everything that the entries export, with its comments, as typedoc reads it. */
export async function readModel(): Promise<{ app: Application; project: ProjectReflection }> {
  showProperties()
  const options: TypeDocOptions & PluginOptions = {
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: Object.values(entries),
    tsconfig: 'scripts/reference/tsconfig.json',
    name: 'pay402',
    readme: 'none',
    outputFileStrategy: 'modules',
    flattenOutputFiles: true,
    hideBreadcrumbs: true,
    hidePageHeader: true,
    hideGroupHeadings: false,
    groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', 'Variables', '*'],
    disableSources: true,
    disableGit: true,
    excludeExternals: true,
    excludeInternal: true,
    excludePrivate: true,
    skipErrorChecking: true,
    cleanOutputDir: false,
    logLevel: 'Error',
    useCodeBlocks: true,
    blockTags: [
      '@default',
      '@example',
      '@param',
      '@returns',
      '@throws',
      '@remarks',
      '@see',
      '@typeParam',
      '@defaultValue',
      '@deprecated',
      '@page',
    ],
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    classPropertiesFormat: 'table',
    typeAliasPropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
    propertyMembersFormat: 'table',
    tableColumnSettings: {
      hideModifiers: true,
      hideInherited: true,
      hideOverrides: true,
      hideSources: true,
      hideDefaults: true,
    },
  }
  const app = await Application.bootstrapWithPlugins(options)
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => tidy(context.project))
  const project = await app.convert()
  if (project === undefined) throw new Error('typedoc could not read the entries.')
  return { app, project }
}

/**
 * Lists the properties of every type that is an object, as of an interface: options are often an intersection of types that are not exported, and
 * a reader needs all of them in one table.
 */
function showProperties(): void {
  const getComment = Context.prototype.getComment
  Context.prototype.getComment = function (this: Context, symbol, kind) {
    const comment = getComment.call(this, symbol, kind)
    if (kind !== ReflectionKind.TypeAlias || !isPlainObject(symbol, this.checker)) return comment
    const shown = comment ?? new Comment()
    shown.modifierTags.add('@interface')
    return shown
  }
}

function isPlainObject(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const declared = symbol.declarations?.find(ts.isTypeAliasDeclaration)
  if (declared === undefined || declared.type.kind === ts.SyntaxKind.MappedType) return false
  // `LimitsOptions = createLimits.Options`: a link is enough.
  if (ts.isTypeReferenceNode(declared.type) && ts.isQualifiedName(declared.type.typeName)) return false
  const type = checker.getDeclaredTypeOfSymbol(symbol)
  if ((type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) === 0 || type.isUnion()) return false
  if (type.isIntersection() && type.types.some((part) => (part.flags & ts.TypeFlags.Object) === 0)) return false
  if (checker.isArrayLikeType(type) || type.getCallSignatures().length > 0) return false
  return type.getProperties().length > 0
}

function tidy(project: ProjectReflection): void {
  const names = Object.keys(entries)
  for (const [at, module] of (project.children ?? []).entries()) {
    module.name = toPageName(names[at] ?? module.name)
    for (const child of [...(module.children ?? [])]) {
      if (child.kind === ReflectionKind.Namespace) moveUp(project, module, child)
      dropInherited(project, child)
    }
  }
}

/** Options lie in the namespace of their function, which would be a page of its own: `createLimits.Options` stands next to it. */
function moveUp(project: ProjectReflection, module: DeclarationReflection, namespace: DeclarationReflection): void {
  for (const child of [...(namespace.children ?? [])]) {
    child.name = `${namespace.name}.${child.name}`
    child.parent = module
    module.addChild(child)
  }
  namespace.children = []
  project.removeReflection(namespace)
}

/** What every error inherits is said once, at `X402Error`; no reader calls a member that is named by a symbol, or needs `kind`. */
function dropInherited(project: ProjectReflection, reflection: DeclarationReflection): void {
  for (const member of [...(reflection.children ?? [])]) {
    const isInherited = reflection.kind === ReflectionKind.Class && member.inheritedFrom !== undefined
    if (isInherited || (member.name === 'kind' && member.flags.isStatic) || member.name.startsWith('['))
      project.removeReflection(member)
  }
}

/** The text of a comment's part. */
export function toText(parts: CommentTag['content'] | undefined): string {
  return Comment.combineDisplayParts(parts ?? []).trim()
}

/** One line for each entry. */
export const ABOUT: Readonly<Record<string, string>> = {
  index: 'the client, its options, events and errors; `paymentOf`, and the types of the protocol',
  fetch: 'pay with `fetch`',
  axios: 'pay with axios',
  ky: 'pay with ky',
  mcp: 'pay for tools, resources and prompts of MCP servers',
  agents: 'tools for models: pay, price, budget, purchases; an MCP server',
  evm: 'schemes for EVM chains, signers for every kind of wallet, Permit2',
  svm: 'schemes and signers for Solana',
  limits: 'what may be spent, on whom, and who is asked',
  ledger: 'a ledger in memory, and what a ledger of your own implements',
  'ledger/browser': 'a ledger that the tabs of a page share',
  'ledger/file': 'a ledger in a file, for the processes of one machine: Node, Bun or Deno',
  'ledger/redis': 'a ledger in Redis, for all processes of a fleet',
  'ledger/postgres': 'a ledger in Postgres, for all processes of a fleet, and its migration',
  desk: 'approve, deny, freeze and change limits, from any process that has the ledger',
  testing: 'a seller to script, matchers, a guard against mainnets, and contracts to hold your own parts to',
}
