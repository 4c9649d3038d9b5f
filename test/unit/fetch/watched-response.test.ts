import { describe, expect, it } from 'vitest'
import { watchResponse } from '../../../src/fetch/watched-response.js'
import { openSeller } from './open-seller.js'

/** A response of the platform's own, and what was found. */
async function watchFetched(body: string, type = 'text/plain') {
  const seller = await openSeller((_request, response) => {
    response.writeHead(200, { 'content-type': type })
    if (body !== '') response.write(body)
    response.end()
  })
  const response = await fetch(`${seller.url}/it`)
  const found: boolean[] = []
  watchResponse(response, undefined, (isMissing) => found.push(isMissing))
  return { response, found, url: `${seller.url}/it` }
}

const decode = (bytes: Uint8Array | ArrayBuffer | undefined) => new TextDecoder().decode(bytes)

const ways: Readonly<Record<string, (response: Response) => Promise<unknown>>> = {
  text: (response) => response.text(),
  json: (response) => response.json().then(JSON.stringify),
  arrayBuffer: async (response) => decode(await response.arrayBuffer()),
  blob: async (response) => {
    const blob = await response.blob()
    return `${await blob.text()}`
  },
  'its stream': async ({ body }) => {
    const reader = body?.getReader()
    let text = ''
    for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read())
      text += decode(next.value)
    return text
  },
  'its stream, into a buffer of the reader’s own': async ({ body }) => {
    const reader = body?.getReader({ mode: 'byob' })
    const text = decode((await reader?.read(new Uint8Array(64)))?.value)
    await reader?.read(new Uint8Array(64)) // the end
    return text
  },
  iteration: async ({ body }) => {
    let text = ''
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) text += decode(chunk) // Node's streams are
    return text
  },
  'a pipe': async ({ body }) => new Response(body?.pipeThrough(new TransformStream())).text(),
  'a copy': (response) => response.clone().text(),
  'a copy of a copy': (response) => response.clone().clone().text(),
  'the rest of a copy': async (response) => {
    await response.clone().text()
    return response.text()
  },
  'text after a look at its stream': (response) => (response.body === null ? Promise.resolve('') : response.text()),
  'text after a copy of one whose stream was looked at': async (response) => {
    if (response.body === null) return ''
    const copy = response.clone()
    return `${await response.text()}${(await copy.text()).slice(9)}`
  },
}

describe('watchResponse: gives its caller what the platform would have, and tells once that it held something', () => {
  it.each(Object.entries(ways))('by %s', async (_name, read) => {
    const { response, found } = await watchFetched('{"ok":1}')
    expect(found).toEqual([])
    expect(await read(response)).toBe('{"ok":1}')
    expect(found).toEqual([false])
  })
})

describe('watchResponse:', () => {
  it('leaves the response the platform’s own', async () => {
    const { response, url } = await watchFetched('{}')
    expect(response).toBeInstanceOf(Response)
    expect(response).toMatchObject({ url, type: 'basic', redirected: false, bodyUsed: false, ok: true })
    expect(response.body?.locked).toBe(false)
    await response.text()
    expect(response.bodyUsed).toBe(true)
    await expect(response.text()).rejects.toThrow(TypeError)
    expect(() => response.clone()).toThrow(TypeError)
  })

  it('locks and uses its stream as the platform does', async () => {
    const { response, found } = await watchFetched('{}')
    const reader = response.body?.getReader()
    await expect(response.text()).rejects.toThrow(TypeError)
    expect(response.bodyUsed).toBe(false)
    await reader?.read()
    expect(response.bodyUsed).toBe(true)
    expect(() => response.clone()).toThrow(TypeError)
    expect(found).toEqual([])
    await reader?.read()
    expect(found).toEqual([false])
  })

  it('tells nothing of a body that is given up', async () => {
    const { response, found } = await watchFetched('{}')
    await response.body?.cancel()
    expect(found).toEqual([])
  })

  it('reads a form as the platform does', async () => {
    const { response, found } = await watchFetched('a=1', 'application/x-www-form-urlencoded')
    expect([...(await response.formData())]).toEqual([['a', '1']])
    expect(found).toEqual([false])
  })

  it('fails as the platform does on what isn’t JSON', async () => {
    const { response } = await watchFetched('')
    const bare = new Response('').json().catch((error: unknown) => String(error))
    expect(await response.json().catch((error: unknown) => String(error))).toBe(await bare)
  })

  it('keeps the type of a blob', async () => {
    const { response } = await watchFetched('{}', 'text/csv')
    expect((await response.blob()).type).toBe('text/csv')
  })
})
