import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, type Metafile } from 'esbuild'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { readConfig } from '../../../docs/examples/backend/read-config.js'
import { root } from './examples.js'

const folder = join(root, 'docs/examples/backend')
const read = (file: string) => readFileSync(join(folder, file), 'utf8')
const manifest: {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
} = JSON.parse(read('package.json'))

/** How long the service drains, in seconds: as it says itself. */
function readDrainSeconds(): number {
  const [, milliseconds = ''] = /DRAIN_MS = ([\d_]+)/.exec(read('main.ts')) ?? []
  return Number(milliseconds.replaceAll('_', '')) / 1000
}

describe('the example of a backend: compose.yaml', () => {
  const { services, volumes } = parse(read('compose.yaml'))

  it('gives the service every variable that it needs', () => {
    const environment: Record<string, string> = services.reports.environment
    const given = { ...environment, WALLET_PRIVATE_KEY: '0x11' }
    expect(readConfig(given)).toMatchObject({ ledger: 'redis://redis:6379', allowPlainHttp: true })
  })

  it('waits longer for its end than it drains', () => {
    expect(services.reports.stop_grace_period).toBe('60s')
    expect(readDrainSeconds()).toBeLessThan(60)
  })

  it('starts Redis with what a ledger asks for, and keeps what both databases write', () => {
    expect(services.redis.command.join(' ')).toBe(
      'redis-server --appendonly yes --appendfsync always --maxmemory-policy noeviction',
    )
    const mounted = [services.redis, services.postgres].map((service) => service.volumes[0].split(':')[0])
    expect(mounted).toEqual(Object.keys(volumes))
  })

  it('names only services that it has', () => {
    const hosts = JSON.stringify(services).match(/(?<=\/\/|@)(redis|postgres|seller)(?=:)/g)
    expect(Object.keys(services)).toEqual(expect.arrayContaining([...new Set(hosts)]))
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(services.reports.depends_on)))
  })
})

describe('the example of a backend: kubernetes.yaml', () => {
  const documents = parseAllDocuments(read('kubernetes.yaml'))
  const objects = documents.map((document) => document.toJS())
  const [deployment, service, stateful] = objects

  it('is three objects, without a mistake in any', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([])
    expect(objects.map(({ kind }) => kind)).toEqual(['Deployment', 'Service', 'StatefulSet'])
  })

  it('leaves time for the pause before the end, and for draining', () => {
    const { containers, terminationGracePeriodSeconds } = deployment.spec.template.spec
    const [, pause] = containers[0].lifecycle.preStop.exec.command
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(pause) + readDrainSeconds())
    expect(stateful.spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThan(readDrainSeconds())
  })

  it('asks for paths and ports that the service has', () => {
    const [container] = deployment.spec.template.spec.containers
    const routes = read('create-app.ts')
    for (const { httpGet } of [container.readinessProbe, container.livenessProbe]) {
      expect(routes).toContain(`app.get('${httpGet.path}'`)
      expect(httpGet.port).toBe(container.ports[0].containerPort)
    }
    expect(service.spec.ports[0].targetPort).toBe(container.ports[0].containerPort)
    expect(container.ports[0].containerPort).toBe(
      readConfig({ WALLET_PRIVATE_KEY: '0x', REPORTS_URL: 'x', LEDGER: 'x' }).port,
    )
  })

  it('selects the pods that it makes', () => {
    for (const { spec } of [deployment, stateful]) {
      expect(spec.template.metadata.labels).toEqual(spec.selector.matchLabels)
    }
    expect(service.spec.selector).toEqual(deployment.spec.selector.matchLabels)
  })

  it('gives a ledger in a file one pod, and a volume that no second pod can have', () => {
    const { replicas, template, volumeClaimTemplates } = stateful.spec
    const [container] = template.spec.containers
    const [{ name, mountPath }] = container.volumeMounts
    expect(replicas).toBe(1)
    expect(volumeClaimTemplates[0]).toMatchObject({
      metadata: { name },
      spec: { accessModes: ['ReadWriteOncePod'] },
    })
    const environment = Object.fromEntries(
      container.env.map(({ name, value }: Record<string, string>) => [name, value]),
    )
    const config = readConfig({ ...environment, WALLET_PRIVATE_KEY: '0x', REPORTS_URL: 'x' })
    expect(config).toMatchObject({ ledger: `${mountPath}/payments.ledger`, isAlone: true })
  })
})

describe('the example of a backend: Dockerfile', () => {
  it('builds by its script what it starts, of files that are there', async () => {
    const files = Object.keys((await bundle()).outputs)
    const [, started] = /^CMD \["node", "(.+)"\]$/m.exec(read('Dockerfile')) ?? []
    const { command } = parse(read('compose.yaml')).services.seller
    expect(read('Dockerfile')).toContain('npm run build')
    expect(files).toEqual(expect.arrayContaining([started, command[1]]))
  })

  it('installs every package that the service imports, in the versions that are tested here', async () => {
    const imported = Object.values((await bundle()).outputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    const packages = imported
      .filter((path) => !path.startsWith('node:'))
      .map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0])
    expect([...new Set(packages)].sort()).toEqual(Object.keys(manifest.dependencies))
    const tested: { version: string; devDependencies: Record<string, string> } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    )
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      expect([name, version]).toEqual([name, name === 'pay402' ? tested.version : tested.devDependencies[name]])
    }
  })
})

/** Runs the options of its build script, and writes nothing. */
async function bundle(): Promise<Metafile> {
  const [program, ...words] = (manifest.scripts['build'] ?? '').split(' ')
  expect(program).toBe('esbuild')
  const option = (name: string) => words.find((word) => word.startsWith(`--${name}=`))?.split('=')[1]
  const { metafile } = await build({
    absWorkingDir: resolve(folder),
    entryPoints: words.filter((word) => !word.startsWith('--')),
    bundle: words.includes('--bundle'),
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outdir: option('outdir') ?? '',
    metafile: true,
    write: false,
  })
  return metafile
}
