import { LimitError } from '../step-errors.js'

/**
 * Where an agent may ask at all, not only pay.
 *
 * @page A restricted client was told to ask an address that it may not ask. Nothing was sent there, and nothing was signed.
 * `error.facts.host` names it. If the client has `hosts`, it asks only those, also where a redirect leads. If it has
 * none, it asks any public address, and none of this machine or a private network. To allow the host, list it in `hosts`
 * of `restrict`, with its port; `reach: 'anywhere'` allows every address. See [an agent's
 * reach](guides/budgets.md#where-it-may-ask).
 */
export const HOST_OUT_OF_REACH = {
  code: 'HOST_OUT_OF_REACH',
  kind: LimitError,
  money: 'untouched',
  sentence: "Refused to ask {host}: it isn't one of this client's `hosts`.",
  hint: "Ask one of its hosts. The client's owner can list another one in `hosts` of `restrict`.",
} as const

export const HOST_NOT_PUBLIC = {
  code: 'HOST_OUT_OF_REACH',
  kind: LimitError,
  money: 'untouched',
  sentence: "Refused to ask {host}: it isn't a public address.",
  hint: "Ask a public address. The client's owner can list this one in `hosts` of `restrict`.",
} as const

/** A browser follows a redirect or hides it; see `reaching-fetch.ts`. */
export const REDIRECT_OUT_OF_SIGHT = {
  code: 'HOST_OUT_OF_REACH',
  kind: LimitError,
  money: 'untouched',
  sentence: "Refused to follow a redirect of {host}: this platform doesn't say where it leads.",
  hint: "Ask the address that it leads to, or have the client's owner say `reach: 'anywhere'` in `restrict`.",
} as const
