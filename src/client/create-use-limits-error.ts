import { ConfigurationError } from '../errors.js'

/** The error of whoever brings the spend controls of `@x402/core` along. */
export function createUseLimitsError(): ConfigurationError {
  return new ConfigurationError('Spend controls are called limits here, and hold a budget too.', {
    code: 'USE_LIMITS',
    hint: [
      "Write `limits: { perPayment: '$1' }` for `maxAmountPerPayment`, and `limits: { assets: [{ network, asset, perPayment }] }`",
      'for `allowedAssets`. See docs/migrating-from-x402.md.',
    ].join(' '),
  })
}
