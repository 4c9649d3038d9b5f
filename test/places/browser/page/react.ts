import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createElement as h, StrictMode, useEffect, useState } from 'react'
import { createRoot } from 'react-dom/client'
import { privateKeyToAccount } from 'viem/accounts'
import { createConfig, custom, injected, useConnect, useConnection, WagmiProvider } from 'wagmi'
import { baseSepolia } from 'wagmi/chains'
import { usePaidFetch } from './use-paid-fetch.js'

const asked: string[] = []
/** How often an effect bought. */
const effects = { count: 0 }
const key = privateKeyToAccount(`0x${'11'.repeat(32)}`)
const listeners = { on: () => undefined, removeListener: () => undefined }

/** A wallet as extensions put it into a page (EIP-1193), whose owner says yes. */
const provider = {
  ...listeners,
  async request({ method, params }: { method: string; params?: unknown }): Promise<unknown> {
    asked.push(method)
    if (method === 'eth_requestAccounts' || method === 'eth_accounts') return [key.address]
    if (method === 'eth_chainId') return '0x14a34'
    if (method === 'eth_signTypedData_v4' && Array.isArray(params)) return key.signTypedData(JSON.parse(params[1]))
    throw Object.assign(new Error(method), { code: 4200 })
  },
}
Object.assign(globalThis, { asked, effects, ethereum: provider })

const connector = injected()
const config = createConfig({
  chains: [baseSepolia],
  connectors: [connector],
  transports: { [baseSepolia.id]: custom(provider) },
})
const url = new URLSearchParams(location.search).get('seller') ?? ''

/** Buys in an effect, which is the worst that a component can do. */
function Eager({ buy }: { buy: () => Promise<void> }) {
  useEffect(() => {
    effects.count += 1
    void buy()
  }, [buy])
  return null
}

function Report() {
  const { price, busy, error, text, buy, isReady } = usePaidFetch(url, 'report')
  return h(
    'section',
    null,
    location.hash === '#eager' && isReady && h(Eager, { buy }),
    h('p', { id: 'price' }, price),
    h('button', { type: 'button', id: 'buy', disabled: busy || !isReady, onClick: buy }, busy ? 'Buying' : 'Buy'),
    h('p', { role: 'status' }, text),
    h('p', { role: 'alert' }, error),
  )
}

function Shop() {
  const { connect } = useConnect()
  const { isConnected } = useConnection()
  const [isShown, setShown] = useState(true)
  return h(
    'main',
    null,
    !isConnected && h('button', { type: 'button', onClick: () => connect({ connector }) }, 'Connect'),
    h('button', { type: 'button', onClick: () => setShown(!isShown) }, isShown ? 'Leave' : 'Return'),
    isShown && h(Report),
  )
}

const queryClient = new QueryClient()
const inQueries = h(QueryClientProvider, { client: queryClient }, h(Shop))
const root = document.body.appendChild(document.createElement('div'))
createRoot(root).render(h(StrictMode, null, h(WagmiProvider, { config }, inQueries)))
