import { formatUnits, isHex } from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { baseSepolia } from 'viem/chains'

/**
 * Stands in for a wallet's extension: puts a provider (EIP-1193) into the page, and asks before it signs.
 *
 * Its money is play money on a chain of the demo, so its key may lie in the page's storage. No real key ever may.
 */
const STORED_KEY = 'pretend-wallet'

const stored = localStorage.getItem(STORED_KEY)
const key = isHex(stored) ? stored : generatePrivateKey()
const account = privateKeyToAccount(key)

/** "The user rejected the request", in EIP-1193. */
const REJECTED = 4001

const ethereum = {
  async request({ method, params }: { method: string; params?: unknown[] }): Promise<unknown> {
    if (method === 'eth_chainId') return `0x${baseSepolia.id.toString(16)}`
    if (method === 'eth_accounts')
      return stored === null && localStorage.getItem(STORED_KEY) === null ? [] : [account.address]
    if (method === 'eth_requestAccounts') return connect()
    if (method === 'eth_signTypedData_v4') return sign(String(params?.[1]))
    throw new Error(`The pretend wallet has no ${method}.`)
  },
}

/** A new wallet is given play money. */
async function connect(): Promise<string[]> {
  if (localStorage.getItem(STORED_KEY) === null) {
    await fetch('/faucet', { method: 'POST', body: account.address })
    localStorage.setItem(STORED_KEY, key)
  }
  return [account.address]
}

async function sign(json: string): Promise<string> {
  const typedData = JSON.parse(json)
  const { to, value, validBefore } = typedData.message
  const minutes = Math.ceil((Number(validBefore) - Date.now() / 1000) / 60)
  const isAllowed = await ask({
    Amount: `${formatUnits(BigInt(value), 6)} USDC`,
    To: `${to.slice(0, 10)}…${to.slice(-8)}`,
    Network: baseSepolia.name,
    'Valid for': `${minutes} minutes`,
  })
  if (!isAllowed) throw Object.assign(new Error('User rejected the request.'), { code: REJECTED })
  return account.signTypedData(typedData)
}

/** Asks in a dialog of the browser's own, which holds the focus and closes with Escape. */
function ask(facts: Record<string, string>): Promise<boolean> {
  const rows = Object.entries(facts).map(([name, value]) => `<dt>${name}</dt><dd>${value}</dd>`)
  const dialog = document.createElement('dialog')
  dialog.className = 'pretend-wallet'
  dialog.setAttribute('aria-labelledby', 'pretend-wallet-title')
  dialog.innerHTML = `
    <form method="dialog">
      <p class="fine">Pretend wallet, with play money</p>
      <h2 id="pretend-wallet-title">Sign this payment?</h2>
      <dl>${rows.join('')}</dl>
      <div class="choice"><button value="no">Decline</button><button value="yes" autofocus>Sign</button></div>
    </form>`
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((resolve) => {
    dialog.onclose = () => {
      dialog.remove()
      resolve(dialog.returnValue === 'yes')
    }
  })
}

Object.assign(globalThis, { ethereum })
