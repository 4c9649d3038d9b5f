/** Whether a text is the address of a JSON-RPC over http(s). `fetch` refuses URLs with a user name, and prints them when it does. */
export function isRpcUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password } = new URL(text)
  return /^https?:$/.test(protocol) && username + password === ''
}
