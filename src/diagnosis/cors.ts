import { type AskedRequest, ask, discard, toMethod } from './asking.js'
import { CORS_FORBIDS_ORIGIN, CORS_FORBIDS_PAYMENT, CORS_HIDES_RECEIPT, CORS_HIDES_TERMS } from './catalogue.js'
import { type Finding, toFinding } from './finding.js'

/** Whose page asks, and which headers it needs to read and to send. */
export type CorsQuestion = {
  readonly origin: string
  /** The terms are in a header, which a page must be allowed to read. */
  readonly inHeader: boolean
  /** The header that carries the payment. */
  readonly payment: string
  /** The header that carries the receipt. */
  readonly receipt: string
}

/**
 * Says what a page of another origin could not do, from a response to a request with its `Origin`, and from a preflight.
 *
 * Source: the Fetch standard, "CORS protocol".
 */
export async function diagnoseCors(
  asked: AskedRequest,
  response: Response,
  { origin, inHeader, payment, receipt }: CorsQuestion,
): Promise<Finding[]> {
  if (new URL(asked.url).origin === origin) return []
  if (!allowsOrigin(response, origin)) return [toFinding(CORS_FORBIDS_ORIGIN, { origin })]
  const exposes = (name: string) => lists(response.headers.get('access-control-expose-headers'), name)
  const findings: Finding[] = []
  if (inHeader && !exposes('payment-required')) findings.push(toFinding(CORS_HIDES_TERMS, { origin }))
  if (!(await maySend(asked, origin, payment))) {
    findings.push(toFinding(CORS_FORBIDS_PAYMENT, { origin, header: payment }))
  }
  if (!exposes(receipt.toLowerCase())) findings.push(toFinding(CORS_HIDES_RECEIPT, { origin }))
  return findings
}

async function maySend(asked: AskedRequest, origin: string, header: string): Promise<boolean> {
  const { init, ...rest } = asked
  const signal = init?.signal
  const preflight = await ask(
    { ...rest, init: { method: 'OPTIONS', redirect: 'manual', ...(signal != null && { signal }) } },
    {
      Origin: origin,
      'Access-Control-Request-Method': toMethod(init),
      'Access-Control-Request-Headers': header.toLowerCase(),
    },
  )
  if ('cause' in preflight) return false
  const { response } = preflight
  discard(response)
  return (
    response.ok &&
    allowsOrigin(response, origin) &&
    lists(response.headers.get('access-control-allow-headers'), header.toLowerCase())
  )
}

function allowsOrigin({ headers }: Response, origin: string): boolean {
  const allowed = headers.get('access-control-allow-origin')?.trim()
  return allowed === '*' || allowed === origin
}

/** Whether a list of headers has one of them, or stands for all. */
function lists(text: string | null, name: string): boolean {
  const names = (text ?? '').split(',').map((one) => one.trim().toLowerCase())
  return names.includes(name) || names.includes('*')
}
