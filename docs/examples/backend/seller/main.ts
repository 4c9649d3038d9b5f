import { createSellerApp } from './create-seller-app.js'

/** Believes every payment, and moves no money. A seller of yours asks a facilitator: `new HTTPFacilitatorClient({ url })`. */
const network = 'eip155:84532'
const app = createSellerApp({
  facilitator: {
    verify: async () => ({ isValid: true }),
    settle: async () => ({ success: true, transaction: `0x${'1'.repeat(64)}`, network }),
    getSupported: async () => ({ kinds: [{ x402Version: 2, scheme: 'exact', network }], extensions: [], signers: {} }),
  },
  payTo: '0x209693Bc6afc0C5328bA36FaF03C514EF312287C',
  write: (city) => ({ city, pages: 3 }),
})
const server = app.listen(Number(process.env['PORT'] ?? 4021), () => console.log('The seller listens.'))
process.once('SIGTERM', () => server.close())
