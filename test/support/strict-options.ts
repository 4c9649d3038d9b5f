import ts from 'typescript'

/** How programs of users are compiled: under `--strict`, for a bundler, with what browsers and Node share. */
export const strictOptions: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  // Those of other packages; our own are checked with the types.
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
}
