import { AxiosError } from 'axios'

/** The code that axios gives an answer whose status is refused: whose fault it is. */
export function toStatusCode(status: number): string {
  return status >= 400 && status < 500 ? AxiosError.ERR_BAD_REQUEST : AxiosError.ERR_BAD_RESPONSE
}
