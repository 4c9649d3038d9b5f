import { describe, expect, it } from 'vitest'
import { readHost, readOrigin, toHost, toHostname, toOrigin } from '../../../src/wire/host.js'

describe('toHost, toOrigin: name one seller in one way', () => {
  it.each([
    ['https://api.example.com/a?b#c', 'api.example.com', 'https://api.example.com'],
    ['https://API.Example.COM./', 'api.example.com', 'https://api.example.com'],
    ['https://api.example.com:443/', 'api.example.com', 'https://api.example.com'],
    ['https://api.example.com.:443/', 'api.example.com', 'https://api.example.com'],
    ['http://api.example.com:80/', 'api.example.com', 'http://api.example.com'],
    ['http://api.example.com:443/', 'api.example.com:443', 'http://api.example.com:443'],
    ['https://api.example.com.:8443/', 'api.example.com:8443', 'https://api.example.com:8443'],
    ['https://api。example．com｡/', 'api.example.com', 'https://api.example.com'],
    ['https://bücher.example./', 'xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example/', 'xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://user:secret@api.example.com./', 'api.example.com', 'https://api.example.com'],
    ['http://localhost.:4021/', 'localhost:4021', 'http://localhost:4021'],
    ['http://127.0.0.1.:4021/', '127.0.0.1:4021', 'http://127.0.0.1:4021'],
    ['http://[::1]:4021/', '[::1]:4021', 'http://[::1]:4021'],
    ['https://[2001:DB8::1]/', '[2001:db8::1]', 'https://[2001:db8::1]'],
    ['stdio:Weather/get_forecast?b', 'stdio:weather', 'stdio:weather'],
    ['data:text/plain,a', '', 'null'],
  ])('%s is %s of %s', (text, host, origin) => {
    expect([toHost(new URL(text)), toOrigin(new URL(text))]).toEqual([host, origin])
  })

  it('is never empty for a name of dots alone', () => {
    expect(toHostname({ ...new URL('https://a.example'), hostname: '..' })).toBe('..')
  })
})

describe('readHost, readOrigin: read what a person writes', () => {
  it.each([
    ['API.Example.com.', 'api.example.com'],
    ['api.example.com:443', 'api.example.com'],
    ['api.example.com.:8443', 'api.example.com:8443'],
    ['[::1]:4021', '[::1]:4021'],
    ['STDIO:Weather-2', 'stdio:weather-2'],
    ['stdio:8080', 'stdio:8080'], // a host called stdio
    ['stdio:a/b', undefined],
    ['stdio:', 'stdio'],
    ['mailto:me', undefined],
    ['https:a', undefined],
    ['https://api.example.com', undefined],
    ['user@api.example.com', undefined],
    ['api.example.com/', undefined],
    ['', undefined],
  ])('readHost: %o is %o', (text, host) => {
    expect(readHost(text)).toBe(host)
  })

  it.each([
    ['https://API.Example.com.:443', 'https://api.example.com'],
    ['https://api.example.com/path', 'https://api.example.com'],
    ['stdio:Weather', 'stdio:weather'],
    ['not an origin', 'not an origin'],
  ])('readOrigin: %s is %s', (text, origin) => {
    expect(readOrigin(text)).toBe(origin)
  })
})
