/** What only the owner can give. Nothing in the repository makes it up. */
export type Owner = Readonly<Record<Place, string | undefined>>

type Place = keyof typeof PLACES

/** What each address is for, and how it must begin. */
const PLACES = {
  repository: { what: 'where the source is', begins: ['https://'] },
  homepage: { what: 'where a reader of the registry is led', begins: ['https://'] },
  bugs: { what: 'where bugs are reported', begins: ['https://', 'mailto:'] },
  advisories: { what: 'where a weakness is reported in private', begins: ['https://', 'mailto:'] },
} as const

/**
 * Reads `owner.json`.
 *
 * @throws When it has other names, or a value that isn't an address.
 */
export function readOwner(text: string): Owner {
  const given: Record<string, unknown> = JSON.parse(text)
  const strange = Object.keys(given).find((name) => !Object.hasOwn(PLACES, name))
  if (strange !== undefined) throw new Error(`owner.json has "${strange}", which it isn't asked for.`)
  const read = (place: Place) => readPlace(place, given[place])
  return {
    repository: read('repository'),
    homepage: read('homepage'),
    bugs: read('bugs'),
    advisories: read('advisories'),
  }
}

/** A sentence for each address that isn't given yet. */
export function listMissing(owner: Owner): string[] {
  return Object.entries(PLACES)
    .filter(([place]) => owner[place as Place] === undefined)
    .map(([place, { what }]) => `owner.json lacks "${place}": ${what}.`)
}

function readPlace(place: Place, value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const { begins } = PLACES[place]
  const isAddress = typeof value === 'string' && URL.canParse(value) && begins.some((start) => value.startsWith(start))
  if (!isAddress) throw new Error(`owner.json: "${place}" must be null, or begin with ${begins.join(' or ')}.`)
  return value
}
