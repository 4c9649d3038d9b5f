import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import ts from 'typescript'

const HEAD = `# Errors

<!-- Made by \`npm run reference\` from the comments of the errors: change it there. -->

Every error of pay402 is an \`X402Error\`: its class says which step refused, \`code\` says why, and \`money\` says where the money is. Codes
are never renamed. \`isX402Error(error)\` works across copies of the package; \`error.response\` is the seller's response, if there is one.

| \`money\` | what is known |
| --- | --- |
| \`untouched\` | nothing was signed |
| \`signed\` | something was signed and never left this process |
| \`released\` | it was signed, and can never be spent |
| \`in-doubt\` | it left, and nothing proves what became of it; it stays counted |
| \`settled\` | a receipt or the chain says that it was spent |
`

/** The sections in the order of a payment, and what is said of all their errors. */
const SECTIONS: Readonly<Record<string, string>> = {
  ConfigurationError: 'A mistake in how pay402 is used or loaded, thrown where it is made. Money: `untouched`.',
  ChallengeError: "The 402 means x402, but can't be paid the way it is. Money: `untouched`.",
  SelectionError: 'No offer was taken. Money: `untouched`. `error.considered` has a reason for every offer.',
  LimitError:
    "A limit refuses. Money: `untouched`, or, if an earlier payment of the same purchase was to be presented again, where that payment's is.",
  SigningError: 'The wallet or the scheme failed. Nothing left the process.',
  DeliveryError: "The paid request couldn't be sent, or its response didn't arrive.",
  PaymentRejectedError:
    'The seller responded to the paid request with another 402, or with the 412 of [ALLOWANCE_REQUIRED](#allowance_required). That proves nothing: the payment stays counted.',
  ReceiptError: 'A receipt was asked for, but there is none that can be read. Money: `in-doubt`.',
  LedgerError: "The ledger refused what it was told, or can't be read or written.",
  ContractError: "From `pay402/testing`: an implementation of yours doesn't do what its port promises.",
  'Of the EVM and Solana schemes': '',
  Warnings:
    "A warning is an event of the client: `client.on('payment', (event) => event.type === 'warning' && …)`. Those of a ledger in a file go to its own `onWarning`. No warning is ever written to the console, and the payment goes on.",
}

/** The schemes' own errors have no class of their own. */
const OWN_SECTION: Readonly<Record<string, string>> = { X402Error: 'Of the EVM and Solana schemes' }

/** Unions of codes of what isn't in the catalogue. */
const UNIONS = [
  { file: 'src/payment/stream.ts', type: 'WarningCode', title: 'Warnings' },
  { file: 'src/ledger/error.ts', type: 'LedgerErrorCode', title: 'LedgerError' },
  { file: 'src/testing/check.ts', type: 'ContractErrorCode', title: 'ContractError' },
]

/** What one code means, and where it is said. */
type Entry = { readonly code: string; readonly title: string; readonly text: string }

/**
 * Writes `docs/errors.md`: the text of a code is the `@page` of its row in the catalogue, or the comment of its member in a union.
 *
 * @throws When a code is described twice.
 */
export async function writeErrorsPage(): Promise<string> {
  const catalogue = await Promise.all(listCatalogue().map(readRows))
  const entries = [...catalogue.flat(), ...UNIONS.flatMap(readUnion)]
  const twice = entries.find((entry, at) => entries.findIndex(({ code }) => code === entry.code) !== at)
  if (twice !== undefined) throw new Error(`${twice.code} is described twice: one place is enough.`)
  const sections = Object.entries(SECTIONS).map(([title, introduction]) => {
    const here = entries.filter((entry) => entry.title === title).sort((a, b) => (a.code < b.code ? -1 : 1))
    const parts = here.map(({ code, text }) => `### ${code}\n\n${text}`)
    return [`## ${title}`, ...(introduction === '' ? [] : [introduction]), ...parts].join('\n\n')
  })
  return `${[HEAD.trimEnd(), ...sections].join('\n\n')}\n`
}

function listCatalogue(): string[] {
  const topics = readdirSync('src/errors/catalogue').map((file) => `src/errors/catalogue/${file}`)
  const schemes = readdirSync('schemes', { recursive: true, encoding: 'utf8' }).map((file) => `schemes/${file}`)
  return [...topics, ...schemes.filter((file) => file.endsWith('/errors.ts'))].sort()
}

async function readRows(file: string): Promise<Entry[]> {
  const rows: Record<string, { code: string; kind: { kind: string } }> = await import(resolve(file))
  return parse(file).statements.flatMap((statement) => {
    if (!ts.isVariableStatement(statement)) return []
    const name = statement.declarationList.declarations[0]?.name.getText() ?? ''
    const page = ts.getJSDocTags(statement).find((tag) => tag.tagName.text === 'page')
    const row = rows[name]
    if (page === undefined || row === undefined) return []
    const { code, kind } = row
    return [{ code, title: OWN_SECTION[kind.kind] ?? kind.kind, text: ts.getTextOfJSDocComment(page.comment) ?? '' }]
  })
}

function readUnion({ file, type, title }: (typeof UNIONS)[number]): Entry[] {
  const source = parse(file)
  const alias = source.statements.find((node) => ts.isTypeAliasDeclaration(node) && node.name.text === type)
  if (alias === undefined || !ts.isTypeAliasDeclaration(alias)) throw new Error(`${file} has no type ${type}.`)
  const members = ts.isUnionTypeNode(alias.type) ? [...alias.type.types] : [alias.type]
  return members.flatMap((member) => {
    const [code = ''] = /[A-Z_]+/.exec(member.getText()) ?? []
    const text = readCommentBefore(source.text, member)
    // A code that is thrown by others, too, is described there.
    return text === '' ? [] : [{ code, title, text }]
  })
}

/** TypeScript keeps no comment with the members of a union: it is what lies between the one before and this one. */
function readCommentBefore(text: string, member: ts.Node): string {
  const before = text.slice(0, member.getStart())
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*\|?\s*$/.exec(before)?.[1] ?? ''
  return comment.replace(/^\s*\* ?/gm, '').trim()
}

function parse(file: string): ts.SourceFile {
  return ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
}
