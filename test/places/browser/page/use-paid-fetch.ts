import { describeForPerson, x402Client } from 'pay402'
import { ExactEvmScheme } from 'pay402/evm'
import { type PaidFetch, wrapFetchWithPayment } from 'pay402/fetch'
import { createBrowserLedger } from 'pay402/ledger/browser'
import { useCallback, useEffect, useRef, useState } from 'react'
import type { Account, Chain, Transport, WalletClient } from 'viem'
import { useWalletClient } from 'wagmi'

type Wallet = WalletClient<Transport, Chain, Account>
type State = { price?: string | undefined; busy: boolean; error?: string | undefined; text?: string | undefined }

const made = new Map<string, Promise<PaidFetch>>()

/** One client for each account and chain; without a wallet, one that only asks for prices. */
function paidFetchOf(wallet: Wallet | undefined): Promise<PaidFetch> {
  const key = wallet === undefined ? 'no wallet' : `${wallet.account.address} ${wallet.chain.id}`
  const found = made.get(key) ?? create(wallet)
  made.set(key, found)
  return found
}

async function create(wallet: Wallet | undefined): Promise<PaidFetch> {
  const ledger = await createBrowserLedger() // shared by all tabs
  const client = new x402Client({ ledger, limits: { perPayment: '$0.10', perDay: '$5' } })
  if (wallet !== undefined) client.register(`eip155:${wallet.chain.id}`, new ExactEvmScheme(wallet))
  return wrapFetchWithPayment(fetch, client)
}

export function usePaidFetch(url: string, purchase: string) {
  const { data: wallet } = useWalletClient()
  const [state, setState] = useState<State>({ busy: false })
  const mounted = useRef<AbortController>(undefined)

  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const tell = (news: Partial<State>) => signal.aborted || setState((state) => ({ ...state, ...news }))
    mounted.current = controller
    paidFetchOf(wallet)
      .then((paidFetch) => paidFetch.quote(url, { signal }))
      .then(({ taken, offers }) => tell({ price: (taken ?? offers[0])?.dollars }))
      .catch((error) => tell({ error: describeForPerson(error) }))
    return () => controller.abort()
  }, [url, wallet])

  const buy = useCallback(async () => {
    const signal = mounted.current?.signal
    if (wallet === undefined || signal === undefined) return
    const tell = (news: Partial<State>) => signal.aborted || setState((state) => ({ ...state, ...news }))
    tell({ busy: true, error: undefined })
    try {
      const paidFetch = await paidFetchOf(wallet)
      const response = await paidFetch(url, { signal, x402: { purchase, purchaseFor: 86_400 } })
      const text = await response.text()
      tell(response.ok ? { text } : { error: 'The seller did not deliver.' })
    } catch (error) {
      tell({ error: describeForPerson(error) })
    } finally {
      tell({ busy: false })
    }
  }, [url, wallet, purchase])

  return { ...state, buy, isReady: wallet !== undefined }
}
