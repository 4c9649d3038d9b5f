// Browsers: the driver calls this in the page.
import { situations } from './scenario.js'

globalThis.showSituation = (situation, seller) => situations[situation](seller)
