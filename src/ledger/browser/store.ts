import type { Head, Row } from './row.js'

/** What one step sees of the database. Between its calls it may wait for nothing else, or the platform ends it. */
export type Rows = {
  head(): Promise<unknown>
  /** Rows that were written after a version, in no order. */
  since(version: number): Promise<readonly unknown[]>
  put(row: Row): void
  putHead(head: Head): void
}

/** A ledger's database. */
export type Store = {
  /**
   * Does a step without anything of another tab coming in between, and waits until it's on the disk. If the step fails, nothing was written.
   *
   * The platform lets one transaction that writes have the database at a time. Source: Indexed Database API, section 2.7.2.
   */
  transact<T>(mode: 'readonly' | 'readwrite', step: (rows: Rows) => Promise<T>): Promise<T>
  close(): void
}

/** Goes up with the stores of the database, not with what is in them. */
const DATABASE_VERSION = 1

/** Databases of versions that were never published have other names, and are left alone. */
const PREFIX = 'pay402:ledger:'

const ROWS = 'rows'
const HEAD = 'head'
const BY_VERSION = 'version'

/** The name of a ledger's database, as a browser's tools show it. */
function toDatabaseName(ledger: string): string {
  return PREFIX + ledger
}

/** Opens a ledger's database, or makes it. Where the browser closes it, the next step opens it again. */
export async function openStore(factory: IDBFactory, ledger: string): Promise<Store> {
  let opened: IDBDatabase | undefined

  async function connect(): Promise<IDBDatabase> {
    const database = await openDatabase(factory, toDatabaseName(ledger))
    const forget = () => {
      if (opened === database) opened = undefined
    }
    database.onclose = forget
    // Someone deletes it, which would wait forever for this tab.
    database.onversionchange = () => {
      forget()
      database.close()
    }
    return database
  }

  opened = await connect()
  return {
    async transact(mode, step) {
      opened ??= await connect()
      // Otherwise it gets to the disk at some later time, and a power loss takes it back.
      const transaction = opened.transaction([ROWS, HEAD], mode, { durability: 'strict' })
      const end = settleTransaction(transaction)
      try {
        const result = await step(toRows(transaction))
        // Otherwise the platform waits in case there are more requests.
        if (mode === 'readwrite') transaction.commit()
        await end
        return result
      } catch (error) {
        abort(transaction)
        await end.catch(() => undefined)
        throw error
      }
    },
    close() {
      opened?.close()
      opened = undefined
    },
  }
}

function openDatabase(factory: IDBFactory, name: string): Promise<IDBDatabase> {
  const request = factory.open(name, DATABASE_VERSION)
  request.onupgradeneeded = () => {
    const rows = request.result.createObjectStore(ROWS, { keyPath: 'key' })
    rows.createIndex(BY_VERSION, 'version', { unique: true })
    request.result.createObjectStore(HEAD)
  }
  return settleRequest(request)
}

function toRows(transaction: IDBTransaction): Rows {
  const rows = transaction.objectStore(ROWS)
  const heads = transaction.objectStore(HEAD)
  return {
    head: () => settleRequest<unknown>(heads.get(HEAD)),
    since: (version) => settleRequest<unknown[]>(rows.index(BY_VERSION).getAll(IDBKeyRange.lowerBound(version, true))),
    put: (row) => void rows.put(row),
    putHead: (head) => void heads.put(head, HEAD),
  }
}

function settleRequest<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

function settleTransaction(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error ?? new DOMException('The browser ended it.', 'AbortError'))
  })
}

/** It may have ended by itself. */
function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort()
  } catch (error) {
    if (!(error instanceof DOMException && error.name === 'InvalidStateError')) throw error
  }
}
