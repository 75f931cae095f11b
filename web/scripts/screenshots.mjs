// Takes a picture of every page at two widths in both languages.
//   HUIMIN_PASSWORD=… node scripts/screenshots.mjs [folder]      (default ../docs/images)
// BASE_URL and HUIMIN_USER say where and who; the server must be running, with accounts `security`, `steward` and `worker` of the
// same password, with an SMS simulator (HUIMIN_TEST_SMS, HUIMIN_TEST_CITIZENS). The overview is taken in the dark theme and in large type as well.
import { mkdir } from 'node:fs/promises'
import path from 'node:path'

import { launchBrowser, settings } from './browser.mjs'
import { makeClient } from './partner.mjs'

const folder = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '../../docs/images'))
const WIDTHS = [
  { width: 1280, height: 860, tallest: 2600 },
  { width: 390, height: 844, tallest: 2600 },
]
const LANGUAGES = ['zh', 'en']

/** People who can sign in to the portal; each gets one code a minute. */
const citizens = JSON.parse(process.env.HUIMIN_TEST_CITIZENS ?? '[]')

const { baseURL, username, password } = settings()

async function settle(page) {
  await page.waitForLoadState('networkidle')
  await page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .loading'))
  // Charts draw themselves in over half a second.
  await page.waitForTimeout(900)
}

async function shoot(page, name, language, size, whole = true) {
  await settle(page)
  const height = whole ? await page.evaluate(() => document.documentElement.scrollHeight) : size.height
  const file = path.join(folder, `${name}-${language}-${size.width}.png`)
  await page.screenshot({ path: file, fullPage: whole, clip: { x: 0, y: 0, width: size.width, height: Math.min(height, size.tallest) } })
  console.log(path.relative(process.cwd(), file))
}

/** What the console keeps in the browser. */
function keep(page, key, value) {
  return page.evaluate(([name, text]) => localStorage.setItem(name, text), [`huimin.${key}`, value])
}

function forget(page, key) {
  return page.evaluate((name) => localStorage.removeItem(name), `huimin.${key}`)
}

async function signIn(page, as, place) {
  await page.goto('/console/sign-in')
  await page.fill('#username', as)
  await page.fill('#password', password)
  await page.click('button[type=submit]')
  await page.waitForURL(`**/console/${place}**`)
}

/** Signs in to the portal with the code that the simulator was sent. */
async function enterPortal(page, citizen) {
  await page.locator('input').nth(0).fill(citizen.id_number)
  await page.locator('input').nth(1).fill(citizen.name)
  await page.locator('input').nth(2).fill(citizen.phone)
  await page.locator('main button[type=submit]').click()
  const code = page.locator('input[autocomplete="one-time-code"]')
  await code.waitFor()
  let message
  while (!message) {
    const { messages } = await (await fetch(`${process.env.HUIMIN_TEST_SMS}/messages`)).json()
    message = messages.find((one) => one.to === citizen.phone)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  await code.fill(message.parameters.code)
  await page.locator('main button[type=submit]').click()
  await page.waitForURL('**/my/**')
}

/** The page of a partner's program, which is written down unless an earlier run has. */
async function clientPage(page) {
  const id = 'bus-passes'
  if ((await page.request.get(`/api/v1/api-clients/${id}`)).ok()) return `/console/clients/${id}`
  const basis = '《中华人民共和国老年人权益保障法》第五十八条：办理乘车优待'
  return makeClient(page, { id, name: '公交优待', organisation: 'ca-4401', policy: 'longevity-allowance', basis })
}

await mkdir(folder, { recursive: true })
const browser = await launchBrowser()
try {
  for (const size of WIDTHS) {
    const context = await browser.newContext({ baseURL, viewport: { width: size.width, height: size.height }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    for (const language of LANGUAGES) {
      await page.goto('/')
      await keep(page, 'locale', language)
      await context.clearCookies()
      await page.goto('/')
      await shoot(page, 'welcome', language, size)
      await enterPortal(page, citizens.pop())
      const home = new URL(page.url()).pathname
      await shoot(page, 'affairs', language, size)
      for (const [name, address] of [
        ['reason', `${home}/decisions/longevity-allowance`],
        ['readings', `${home}/readings`],
        ['representatives', `${home}/representatives`],
      ]) {
        await page.goto(address)
        await shoot(page, `portal-${name}`, language, size)
      }
      await page.goto('/console/sign-in')
      await shoot(page, 'sign-in', language, size)
      await signIn(page, username, 'overview')
      await shoot(page, 'overview', language, size)
      for (const [key, value] of [
        ['theme', 'dark'],
        ['type', 'large'],
      ]) {
        await keep(page, key, value)
        await page.goto('/console/overview')
        await shoot(page, `overview-${value}`, language, size)
        await forget(page, key)
      }
      await page.goto('/console/people')
      await shoot(page, 'people', language, size)
      // Someone who has something to show: the first on the list of what is due, with the reasons of that decision.
      await page.goto('/console/lists?list=due')
      await settle(page)
      await page.locator('tbody th a').first().click()
      await page.waitForURL('**/console/people/**')
      await shoot(page, 'decision', language, size, false)
      await page.keyboard.press('Escape')
      await page.waitForURL((url) => !url.searchParams.has('decision'))
      await page.locator('button[aria-expanded=false][aria-controls^="values-"]').first().click()
      await shoot(page, 'person', language, size)
      for (const [name, address] of [
        // The first month: its full deliveries always have bad rows.
        ['quarantine', '/console/quarantine?period=2024-01'],
        ['reviews', '/console/reviews'],
        ['lists', '/console/lists'],
        ['batches', '/console/batches'],
        ['trail', '/console/trail'],
        ['not-found', '/nowhere'],
      ]) {
        await page.goto(address)
        await shoot(page, name, language, size)
      }
      await page.goto('/console/lists?division=440104')
      await shoot(page, 'lists-division', language, size)
      await page.goto('/console/overview?division=440104')
      await shoot(page, 'overview-division', language, size, false)
      await context.clearCookies()
      await signIn(page, 'worker', 'overview')
      // The case worker says who may act for a person.
      await page.goto('/console/lists?list=due')
      await settle(page)
      await page.locator('tbody th a').first().click()
      await page.waitForURL('**/console/people/**')
      await page.keyboard.press('Escape')
      await page.waitForURL((url) => !url.searchParams.has('decision'))
      await shoot(page, 'person-worker', language, { ...size, tallest: 5000 })
      await context.clearCookies()
      await signIn(page, 'steward', 'overview')
      await page.goto('/console/inbox')
      await shoot(page, 'inbox', language, size)
      await page.locator('.bell button').first().click()
      await shoot(page, 'bell', language, size, false)
      await page.keyboard.press('Escape')
      await page.locator('tbody th a').first().click()
      await page.waitForURL('**/console/inbox/*')
      await shoot(page, 'task', language, size)
      await context.clearCookies()
      await signIn(page, 'security', 'accounts')
      for (const [name, address] of [
        ['accounts', '/console/accounts'],
        ['user', `/console/accounts/${username}`],
        ['organisations', '/console/organisations'],
        ['client', await clientPage(page)],
        ['clients', '/console/clients'],
        ['account', '/console/account'],
      ]) {
        await page.goto(address)
        await shoot(page, name, language, size)
      }
    }
    await context.close()
  }
} finally {
  await browser.close()
}
