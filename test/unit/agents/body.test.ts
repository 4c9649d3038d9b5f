import { describe, expect, it } from 'vitest'
import { readBody } from '../../../src/agents/body.js'
import type { ResponseFile } from '../../../src/agents/index.js'
import { createShop, SOLD } from './create-shop.js'

/** A response of some bytes, as a server names them. */
function answerWith(body: BodyInit, type?: string): () => Response {
  return () => new Response(body, type === undefined ? {} : { headers: { 'content-type': type } })
}

/** Sends chunks for as long as someone reads, and counts them. */
function createEndless(chunk: Uint8Array) {
  let chunks = 0
  const body = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        chunks++
        controller.enqueue(chunk)
      },
    })
  return { body, chunks: () => chunks }
}

const PNG = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 250])

describe('a body', () => {
  it.each([
    ['text/plain; charset=iso-8859-1', new Uint8Array([0x63, 0x61, 0x66, 0xe9]), 'café'],
    ['text/html; charset="utf-16le"', new Uint8Array([0x68, 0, 0x69, 0]), 'hi'],
    ['application/json', new TextEncoder().encode('{"é":1}'), '{"é":1}'],
    ['application/problem+json', new TextEncoder().encode('{}'), '{}'],
    ['image/svg+xml', new TextEncoder().encode('<svg/>'), '<svg/>'],
    ['text/plain; charset=made-up', new TextEncoder().encode('é'), 'é'],
    ['application/octet-stream', new TextEncoder().encode('plain'), 'plain'],
    [undefined, new TextEncoder().encode('no type'), 'no type'],
  ])('of type %s is text', async (type, bytes, text) => {
    const { untrusted } = await createShop({ answer: answerWith(bytes, type) }).buy({ url: SOLD })
    expect(untrusted).toMatchObject({ body: text, encoding: 'text' })
  })

  it.each(['image/png', 'application/pdf', undefined])('of type %s that is no text is base64', async (type) => {
    const { untrusted } = await createShop({ answer: answerWith(PNG, type) }).buy({ url: SOLD })
    expect(untrusted).toMatchObject({ body: btoa(String.fromCharCode(...PNG)), encoding: 'base64', bytes: 8 })
    expect(untrusted).not.toHaveProperty('cut')
  })

  it('is cut between characters, with a mark in the text and apart from it', async () => {
    const { untrusted } = await createShop({ answer: '日'.repeat(50) }, { maxBytes: 10 }).buy({ url: SOLD })
    expect(untrusted).toMatchObject({ body: '日日日… [cut here]', cut: 'Only the beginning is shown, up to 10 bytes.' })
  })

  it('that is cut was delivered all the same, and is not bought again', async () => {
    const { buy, tools, seller } = createShop({ answer: 'x'.repeat(20_000) }, { maxBytes: 10 })
    await buy({ url: SOLD })
    expect(await tools.my_purchases.execute({})).toMatchObject({ purchases: [{ delivery: 'delivered' }] })
    expect(await buy({ url: SOLD })).toMatchObject({ untrusted: { body: 'xxxxxxxxxx… [cut here]' } })
    expect(seller.payments).toHaveLength(1)
  })

  it('is read no further than it is shown, however much comes', async () => {
    const endless = createEndless(new TextEncoder().encode('drip '.repeat(100)))
    const answer = () => new Response(endless.body(), { headers: { 'content-type': 'text/plain' } })
    const { untrusted } = await createShop({ answer }, { maxBytes: 1000 }).buy({ url: SOLD })
    expect(untrusted?.body).toBe(`${'drip '.repeat(200)}… [cut here]`)
    expect(endless.chunks()).toBeLessThan(30)
  })

  it('that never ends is shown as far as it came', async () => {
    const answer = () =>
      new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('half of it')) }),
        { headers: { 'content-type': 'text/plain' } },
      )
    const { buy, seller } = createShop({ answer }, { timeoutMs: 500 })
    expect(await buy({ url: SOLD })).toMatchObject({
      outcome: 'received',
      price: '$0.01',
      untrusted: { body: 'half of it', cut: 'The server stopped sending before the end, or was too slow.' },
    })
    expect(seller.payments).toHaveLength(1)
  })

  it('keeps the emoji and joiners that languages are spelled with', async () => {
    const spelled = 'می‌خواهم क्‍ष 👨‍👩‍👧 ❤️ 1️⃣'
    const { untrusted } = await createShop({ answer: answerWith(spelled, 'text/plain') }).buy({ url: SOLD })
    expect(untrusted?.body).toBe(spelled)
  })

  it('shows where something was hidden in it', async () => {
    const answer = answerWith('a\u200Bb\u{E0041}c\u001B[31md', 'text/plain')
    const { untrusted } = await createShop({ answer }).buy({ url: SOLD })
    expect(untrusted?.body).toBe('a⟨U+200B⟩b⟨U+E0041⟩c⟨U+001B⟩[31md')
  })

  it('that is no text, or long, goes to files, and the model is told the handle', async () => {
    const kept: ResponseFile[] = []
    const files = (file: ResponseFile) => `file-${kept.push(file)}`
    const image = createShop({ answer: answerWith(PNG, 'image/png') }, { files })
    const { untrusted, payment } = await image.buy({ url: SOLD })
    expect(untrusted).toEqual({
      warning: expect.any(String),
      contentType: 'image/png',
      bytes: 8,
      file: 'file-1',
    })
    expect(kept[0]).toEqual({ bytes: PNG, isWhole: true, contentType: 'image/png', method: 'GET', url: SOLD, payment })
    const long = createShop({ answer: 'a'.repeat(100) }, { files, maxBytes: 10 })
    expect((await long.buy({ url: SOLD })).untrusted).toMatchObject({
      body: `${'a'.repeat(10)}… [cut here]`,
      bytes: 100,
      file: 'file-2',
    })
    const short = createShop({ answer: 'short' }, { files })
    expect((await short.buy({ url: SOLD })).untrusted).not.toHaveProperty('file')
  })

  it('is told of even if its file can’t be written', async () => {
    const files = () => Promise.reject(new Error('disk full at /secret/path'))
    const result = await createShop({ answer: answerWith(PNG, 'image/png') }, { files }).buy({ url: SOLD })
    expect(result).toMatchObject({ outcome: 'received', price: '$0.01' })
    expect(result.untrusted?.cut).toBe('The file could not be written. Tell the person you work for.')
    expect(JSON.stringify(result)).not.toContain('secret')
  })

  it('is cleaned no further than it is shown, however long its file is', async () => {
    const cleaned: number[] = []
    const redact = (text: string) => {
      cleaned.push(text.length)
      return text
    }
    const kept: number[] = []
    const files = ({ bytes }: ResponseFile) => `file-${kept.push(bytes.length)}`
    const rules = {
      maxBytes: 30,
      maxFileBytes: 1_000_000,
      timeoutMs: 60_000,
      files,
      redact,
      call: { method: 'GET', url: SOLD, payment: undefined },
    }
    const hidden = new Response(`Fine.${'\u200B'.repeat(300_000)}`, { headers: { 'content-type': 'text/plain' } })
    expect(await readBody(hidden, rules)).toMatchObject({
      body: 'Fine.⟨U+200B⟩⟨U+200B⟩… [cut here]',
      bytes: 900_005,
      cut: 'Only the beginning is shown, up to 30 bytes.',
      file: 'file-1',
    })
    expect(kept).toEqual([900_005])
    expect(Math.max(...cleaned)).toBeLessThan(5_000)
  })

  it('without anything in it is empty', async () => {
    const { untrusted } = await createShop({ price: 'free', answer: answerWith('') }).buy({ url: SOLD })
    expect(untrusted).toMatchObject({ body: '', bytes: 0 })
  })
})
