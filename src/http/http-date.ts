/** Names of months, in HTTP's dates. */
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/**
 * The form that is written today, and the two that recipients must still take. Source: RFC 9110, section 5.6.7. As literals, which builds for
 * phones translate: their engines know no names in patterns.
 */
const FORMS = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
]

/** Two-digit years from here on belong to the last century: no date in a header is before 1970. */
const FIRST_YEAR_OF_LAST_CENTURY = 70

/**
 * Reads a date as HTTP writes it. The platform's own parser accepts far more than that, and takes one of the forms for local time.
 *
 * @param text - A header's value.
 * @returns Seconds since 1970; `undefined` when it isn't a date.
 */
export function readHttpDate(text: string): number | undefined {
  for (const form of FORMS) {
    const parts = form.exec(text.trim())?.groups
    const month = MONTHS.indexOf(parts?.['month'] ?? '')
    if (parts === undefined || month === -1) continue
    const { year = '', day, time = '' } = parts
    const [hour, minute, second] = time.split(':').map(Number)
    return Date.UTC(toYear(year), month, Number(day), hour, minute, second) / 1000
  }
  return undefined
}

function toYear(digits: string): number {
  if (digits.length === 4) return Number(digits)
  return Number(digits) + (Number(digits) < FIRST_YEAR_OF_LAST_CENTURY ? 2000 : 1900)
}
