// What the page on React Native says to import. Its `react-native-get-random-values` asks the phone's system, which isn't here.
import 'core-js/actual/atob'
import 'core-js/actual/btoa'
import 'core-js/actual/url'
import 'core-js/actual/url-search-params'
import 'fast-text-encoding'

globalThis.crypto = {
  getRandomValues(bytes) {
    for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(Math.random() * 256)
    return bytes
  },
}
