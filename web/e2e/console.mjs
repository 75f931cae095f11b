import { AxeBuilder } from '@axe-core/playwright'
import assert from 'node:assert/strict'
import { after, before } from 'node:test'

import { launchBrowser, settings } from '../scripts/browser.mjs'

export const { baseURL, username, password } = settings()

let browser

/** Starts one browser for the tests of a file and ends it after them. */
export function useBrowser() {
  before(async () => {
    browser = await launchBrowser()
  })
  after(async () => {
    await browser?.close()
  })
}

/** Who looks after accounts; the same password as the reader's. */
export const security = 'security'
/** Who looks after the data of the city, so that the tasks of the inbox are theirs; the same password. */
export const steward = 'steward'

/**
 * A fresh window, signed in unless said otherwise. When the test ends, the page must have had no script error
 * and broken no rule of the server's content security policy. `modes` are `theme` and `type`, as the browser keeps them.
 */
export async function openConsole(t, { width = 1280, height = 860, locale = 'zh', signedIn = true, as = username, modes = {} } = {}) {
  const context = await browser.newContext({ baseURL, viewport: { width, height }, reducedMotion: 'reduce', acceptDownloads: true })
  await context.addInitScript((kept) => {
    for (const [key, value] of Object.entries(kept)) {
      if (!localStorage.getItem(`huimin.${key}`)) localStorage.setItem(`huimin.${key}`, value)
    }
  }, { locale, ...modes })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  const faults = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/status of 4\d\d|status of 5\d\d|ERR_/.test(message.text())) faults.push(message.text())
  })
  t.after(async () => {
    await context.close()
    assert.deepEqual(faults, [], 'the page had faults')
  })
  if (signedIn) {
    await page.goto('/console/sign-in')
    await signIn(page, password, as)
    await page.waitForURL(as === security ? '**/console/accounts**' : '**/console/overview**')
  }
  return { page, context }
}

export async function signIn(page, secret = password, as = username) {
  await page.fill('#username', as)
  await page.fill('#password', secret)
  await page.click('button[type=submit]')
}

/** What the select that is open offers; the others keep theirs in the page, hidden. */
export function choices(page) {
  return page.locator('[role="option"]:visible')
}

/** Waits until nothing is being loaded. */
export async function settled(page) {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .loading'))
}

/** The page is no wider than the window: what is wide scrolls inside its own box. */
export async function assertNoSidewaysScroll(page, where) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth])
  assert.ok(content <= window, `${where} is ${content} px wide in a window of ${window} px`)
}

/** WCAG 2 levels A and AA, as far as a machine can tell; contrast is among it. `without` names rules that do not apply there. */
export async function assertAccessible(page, where, without = []) {
  const result = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']).disableRules(without).analyze()
  const found = result.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(', ')}`)
  assert.deepEqual(found, [], `${where} is not accessible`)
}

/** Answers one API address with a problem document until the returned function is called. */
export async function failing(page, pattern, status, code) {
  await page.route(pattern, (route) =>
    route.fulfill({ status, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: code, status, detail: null, code }) }),
  )
  return () => page.unroute(pattern)
}
