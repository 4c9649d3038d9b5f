import type { PaymentPayload, SettleResponse } from 'pay402'

/** What a buyer sends: what it wants, and the second time its payment. */
export type Ask = {
  readonly id: number
  /** A path, such as `/weather?city=Zurich`. */
  readonly topic: string
  readonly payment?: PaymentPayload
}

/** What the seller sends back under the same id. x402 has no words of its own for a WebSocket: these are as plain as those over HTTP. */
export type Reply = { readonly id: number; readonly receipt?: SettleResponse } /** A PaymentRequired. */ & (
  | { readonly required: object }
  | { readonly result: unknown }
  | { readonly failure: string }
)

/** What a reply says, before it's known which ask it's for. */
export type Answer = Reply extends infer Each ? (Each extends Reply ? Omit<Each, 'id'> : never) : never
