import type { Warning, x402Client } from '../../src/index.js'

/** The warnings that a client's events tell from now on. */
export function listWarnings(client: Pick<x402Client, 'on'>): Warning[] {
  const warnings: Warning[] = []
  client.on('payment', (event) => {
    if (event.type === 'warning') warnings.push(event.warning)
  })
  return warnings
}

/** The codes of the warnings that a client's events tell from now on. */
export function listWarningCodes(client: Pick<x402Client, 'on'>): string[] {
  const codes: string[] = []
  client.on('payment', (event) => {
    if (event.type === 'warning') codes.push(event.warning.code)
  })
  return codes
}
