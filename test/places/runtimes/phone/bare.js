// An app that forgot the polyfills.
import './react-native.js'
import { isX402Error, x402Client } from 'pay402'

try {
  new x402Client()
  print(JSON.stringify({ made: true }))
} catch (error) {
  print(JSON.stringify({ isOurs: isX402Error(error), code: error.code, money: error.money, said: error.shortMessage }))
}
