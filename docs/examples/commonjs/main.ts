import { PaymentsProvider } from './payments-provider.js'
import { readConfig } from './read-config.js'
import { ReportsService } from './reports-service.js'

/** What a framework's container does: it makes each thing once, and hands it to those who need it. */
const config = readConfig(process.env)
const payments = new PaymentsProvider(config)
const reports = new ReportsService(payments)

Promise.all(process.argv.slice(2).map((orderId) => reports.buyReport(orderId)))
  .then((bought) => console.log(JSON.stringify(bought)))
  .catch((error: unknown) => {
    console.error(error)
    process.exitCode = 1
  })
