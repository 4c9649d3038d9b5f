import { expect, it } from 'vitest'
import { isLoopback, toDisplayUrl, toOneSpelling, toPurchaseUrl } from '../../../src/wire/resource-url.js'

it.each([
  ['http://localhost:3000/', true],
  ['http://shop.localhost/', true],
  ['http://127.0.0.1/', true],
  ['http://127.9.9.9/', true],
  ['http://2130706433/', true], // 127.0.0.1 as one number, which URLs spell out
  ['http://[::1]:8080/', true],
  ['http://localhost./', true],
  ['http://localhost.example.com/', false],
  ['http://127.0.0.1.example.com/', false],
  ['http://notlocalhost/', false],
  ['http://0.0.0.0/', false],
  ['http://10.0.0.1/', false],
  ['http://api.example.com/', false],
])('isLoopback: %s is %s', (url, is) => {
  expect(isLoopback(new URL(url))).toBe(is)
})

it('toDisplayUrl, toPurchaseUrl, toOneSpelling: write a server without an address of the web by its name', () => {
  const url = new URL('stdio:weather/get_forecast?key=secret')
  expect(toDisplayUrl(url)).toBe('stdio:weather/get_forecast')
  expect(toPurchaseUrl(url)).toBe('stdio:weather/get_forecast?key=secret')
  expect(toOneSpelling(url)).toBe('stdio:weather/get_forecast')
})
