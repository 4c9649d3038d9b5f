import { AxiosError, type AxiosRequestConfig, type InternalAxiosRequestConfig } from 'axios'
import { isJsonObject } from '../wire/json.js'
import { PAYMENT_HEADERS } from '../wire/payload.js'
import type { HeldRequest } from './asked.js'

/** `transport` of axios's config: what sends a request in place of Node's `http` and `https`. */
type Transport = { request(options: TransportOptions, onResponse: (response: object) => void): object }

type TransportOptions = { readonly headers?: Readonly<Record<string, unknown>> | undefined }

/** A transport of the caller's own, which may know how to follow redirects. */
export type GuardedTransport = {
  /** In its place for a request without a payment, to learn what it is. */
  readonly asking: Transport
  /** Whether a payment can't be kept from following a redirect by it, which what it makes of a request tells: until it sent one, it may. */
  mayRedirect(): boolean
  /** Puts what keeps it from that into a request with a payment. */
  hold(config: InternalAxiosRequestConfig): HeldRequest
}

/**
 * Guards a transport of the caller's own, so that no redirect carries a payment away.
 *
 * What it makes of a request tells what it is. One message of Node's can't go anywhere twice: the payment is put on that message, and not in
 * the options, which are what a redirect would be followed with. The package `follow-redirects` is told to follow none. Of anything else
 * nothing is known.
 *
 * @param given - `config.transport`.
 * @param isTrusted - The caller's word that it follows no redirect by itself.
 */
export function guardTransport(given: AxiosRequestConfig['transport'], isTrusted: boolean): GuardedTransport {
  const transport = given as Transport // what axios itself takes it for
  let mayRedirect = !isTrusted
  return {
    asking: {
      request(options, onResponse) {
        const request = transport.request(options, onResponse)
        mayRedirect = !isTrusted && !isMessage(request) && !isRedirectable(request)
        return request
      },
    },
    mayRedirect: () => mayRedirect,
    hold(config) {
      let isRedirected = false
      const paying: Transport = {
        request(options, onResponse) {
          if (isTrusted) return transport.request(options, onResponse)
          const { payment, headers } = takePayment(options)
          const told = Object.assign(Object.create(null), options, { headers, maxRedirects: 0, followRedirects: false })
          const request = transport.request(told, (response) => {
            const { req } = response as { req?: unknown } // Node's responses name their message
            isRedirected = isMessage(request) && req !== undefined && req !== request
            onResponse(response)
          })
          for (const [name, value] of payment) putOn(request, name, value)
          return request
        },
      }
      return { config: { ...config, transport: paying }, wasRedirected: () => isRedirected }
    },
  }
}

/**
 * Keeps a payment from following a redirect by an adapter of the caller's own that ends in axios's http adapter, also where it has set
 * `maxRedirects` by itself. If it has set `beforeRedirect` as well, newer versions of axios leave the payment behind.
 */
export function holdRedirects(config: InternalAxiosRequestConfig): HeldRequest {
  let isRedirected = false
  const beforeRedirect = () => {
    isRedirected = true
    throw new AxiosError('A payment follows no redirect by itself.', AxiosError.ERR_BAD_RESPONSE, config)
  }
  const { sensitiveHeaders = [] } = config
  const held = { ...config, beforeRedirect, sensitiveHeaders: [...sensitiveHeaders, ...PAYMENT_HEADERS] }
  return { config: held, wasRedirected: () => isRedirected }
}

function takePayment({ headers = {} }: TransportOptions) {
  const isPayment = ([name]: [string, unknown]) =>
    PAYMENT_HEADERS.some((one) => one.toLowerCase() === name.toLowerCase())
  const all = Object.entries(headers)
  return { payment: all.filter(isPayment), headers: Object.fromEntries(all.filter((one) => !isPayment(one))) }
}

type Message = { setHeader(name: string, value: unknown): void }

/** Node's own, or one of HTTP/2 made like it; by its class's name, since `src` knows none of Node's classes. */
function isMessage(request: object): request is Message {
  if (!('setHeader' in request) || isRedirectable(request)) return false
  for (let one = Object.getPrototypeOf(request); one !== null; one = Object.getPrototypeOf(one)) {
    if (['ClientRequest', 'OutgoingMessage'].includes(one.constructor?.name)) return true
  }
  return false
}

/** Of the package `follow-redirects`, in any version that knows `followRedirects`. */
function isRedirectable(request: object): request is Message {
  return '_redirectCount' in request && '_performRequest' in request && 'setHeader' in request
}

/** On this message alone: whoever copies its headers to another doesn't find the payment. */
function putOn(request: object, name: string, value: unknown): void {
  if (isRedirectable(request)) {
    const options: unknown = Reflect.get(request, '_options')
    if (isJsonObject(options) && options['followRedirects'] === false) request.setHeader(name, value)
  } else if (isMessage(request)) {
    request.setHeader(name, value)
    hideHeader(request, name.toLowerCase())
  }
}

/**
 * Node's own code finds the header by symbols, and the head by its field until that is sent. A transport that digs for those symbols is the
 * caller's own code, and could send the payment anywhere as well.
 */
function hideHeader(request: object, name: string): void {
  const read = (method: string) => {
    const given: unknown = Reflect.get(request, method)
    return typeof given === 'function' ? (...asked: unknown[]): unknown => given.apply(request, asked) : undefined
  }
  const isOther = (one: unknown) => String(one).toLowerCase() !== name
  for (const method of ['getHeaderNames', 'getRawHeaderNames']) {
    const list = read(method)
    if (list !== undefined) define(request, method, { value: () => [list()].flat().filter(isOther) })
  }
  for (const method of ['getHeader', 'hasHeader']) {
    const find = read(method)
    const nothing = method === 'hasHeader' ? false : undefined
    if (find !== undefined) define(request, method, { value: (one: unknown) => (isOther(one) ? find(one) : nothing) })
  }
  const all = read('getHeaders')
  const getHeaders = () => Object.fromEntries(Object.entries(new Object(all?.())).filter(([one]) => isOther(one)))
  if (all !== undefined) define(request, 'getHeaders', { value: getHeaders })
  hideHead(request, name)
}

/** The head as text. It is what Node sends, so it is shown without the payment only once it was sent. */
function hideHead(request: object, name: string): void {
  if (!Object.hasOwn(request, '_header')) return
  let head: unknown = Reflect.get(request, '_header')
  const isOther = (line: string) => !line.toLowerCase().startsWith(`${name}:`)
  define(request, '_header', {
    get: () =>
      typeof head === 'string' && Reflect.get(request, '_headerSent') === true
        ? head.split('\r\n').filter(isOther).join('\r\n')
        : head,
    set: (given: unknown) => {
      head = given
    },
  })
}

function define(request: object, name: string, member: PropertyDescriptor): void {
  Object.defineProperty(request, name, { ...member, configurable: true })
}
