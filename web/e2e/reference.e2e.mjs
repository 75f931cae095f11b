import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, baseURL, failing, openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

const DOCUMENT = '**/api/v1/openapi.json'
/** How many operations the server describes. */
const all = async (page) => {
  const { paths } = await (await page.request.get('/api/v1/openapi.json')).json()
  return Object.values(paths).flatMap((path) => Object.keys(path)).length
}
const operation = (page, tag, id) => page.locator(`#operations-${tag}-${id}`)

async function open(page, tag, id) {
  await operation(page, tag, id).locator('.opblock-summary-control').click()
  await operation(page, tag, id).locator('.responses-wrapper').waitFor()
}

async function showReference(page, hash = '') {
  await page.goto(`/reference${hash}`)
  await page.locator('.opblock').first().waitFor()
  await settled(page)
}

test('the first page leads to all operations, for everybody, and nothing comes from elsewhere', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  const asked = []
  page.on('request', (request) => asked.push(request.url()))
  await page.goto('/')
  await settled(page)
  assert.deepEqual(asked.filter((url) => /swagger/.test(url)), [], 'the first page carries what only the reference needs')
  await page.getByRole('link', { name: '接口文档' }).click()
  await page.waitForURL('**/reference')
  await page.getByRole('heading', { level: 1, name: '接口文档' }).waitFor()
  await page.locator('.opblock').first().waitFor()
  assert.equal(await page.locator('.opblock').count(), await all(page))
  await open(page, 'people', 'get_person')
  assert.equal(await page.getByRole('button', { name: 'Try it out' }).count(), 0)
  assert.deepEqual(asked.filter((url) => !url.startsWith(baseURL) && !url.startsWith('data:')), [])
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByRole('heading', { level: 1, name: 'API reference' }).waitFor()
  await page.getByRole('link', { name: 'Huimin', exact: true }).click()
  await page.waitForURL((url) => url.pathname === '/')
})

test('a search finds operations, and the address names the one that was opened', async (t) => {
  const { page } = await openConsole(t, { signedIn: false, locale: 'en' })
  await showReference(page)
  const many = await page.locator('.opblock').count()
  const field = page.getByLabel('Search operations')
  await field.fill('reveal POST')
  await page.getByRole('status').filter({ hasText: `1 of ${many} operations` }).waitFor()
  await page.waitForFunction(() => document.querySelectorAll('.opblock').length === 1)
  await open(page, 'people', 'reveal_attribute')
  await page.waitForURL('**/reference#reveal_attribute')
  await field.fill('no such thing')
  await page.getByRole('status').filter({ hasText: `0 of ${many} operations` }).waitFor()
  await page.locator('.opblock').first().waitFor({ state: 'hidden' })
  await field.fill('')
  await page.waitForFunction((count) => document.querySelectorAll('.opblock').length === count, many)
  // As if the address was passed on.
  await page.goto('/')
  await showReference(page, '#get_person')
  await operation(page, 'people', 'get_person').locator('.responses-wrapper').waitFor()
  await page.waitForFunction(() => Math.abs(document.getElementById('operations-people-get_person').getBoundingClientRect().top) < innerHeight / 2)
  // Going back leads to the page before, not through what was opened.
  await open(page, 'people', 'search_people')
  await page.waitForURL('**/reference#search_people')
  await page.goBack()
  await page.waitForURL((url) => url.pathname === '/')
})

test('whoever is signed in tries out what reads, for their purpose, and nothing else', async (t) => {
  const { page } = await openConsole(t)
  await showReference(page)
  await open(page, 'people', 'reveal_attribute')
  await open(page, 'access', 'change_user')
  await open(page, 'access', 'revoke_grant')
  // It reads, but asks for a partner's signature.
  await open(page, 'exchange', 'get_partner')
  assert.equal(await page.getByRole('button', { name: 'Try it out' }).count(), 0)
  await open(page, 'lists', 'list_lists')
  const one = operation(page, 'lists', 'list_lists')
  const { periods } = await (await page.request.get('/api/v1/meta')).json()
  await one.getByRole('button', { name: 'Try it out' }).click()
  await one.getByLabel('period', { exact: true }).fill(periods[0])
  const [request] = await Promise.all([page.waitForRequest('**/api/v1/lists?**'), one.getByRole('button', { name: 'Execute' }).click()])
  assert.equal((await request.allHeaders())['huimin-purpose'], 'supervision')
  assert.equal((await request.response()).status(), 200)
  await one.locator('.live-responses-table .response-col_status').filter({ hasText: '200' }).waitFor()
  await assertAccessible(page, 'an answer')
  await assertNoSidewaysScroll(page, 'an answer')
})

test('the page says that it is loading, and that the document did not come, with a way to try again', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  let release
  const held = new Promise((resolve) => {
    release = resolve
  })
  await page.route(DOCUMENT, async (route) => {
    await held
    await route.continue()
  })
  await page.goto('/reference')
  await page.getByRole('status').filter({ hasText: '正在加载' }).waitFor()
  release()
  await page.locator('.opblock').first().waitFor()
  await page.unroute(DOCUMENT)
  const mend = await failing(page, DOCUMENT, 503, 'INTERNAL')
  await page.reload()
  await page.getByRole('alert').waitFor()
  await assertAccessible(page, 'a reference without a document')
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await page.locator('.opblock').first().waitFor()
})

for (const width of [390, 1280]) {
  for (const modes of [{}, { theme: 'dark' }, { theme: 'dark', type: 'large' }]) {
    test(`the reference is accessible and no wider than a window of ${width} px ${JSON.stringify(modes)}`, async (t) => {
      const { page } = await openConsole(t, { width, height: 844, signedIn: false, modes })
      await showReference(page)
      await assertAccessible(page, 'the reference')
      await assertNoSidewaysScroll(page, 'the reference')
      await open(page, 'people', 'get_person')
      await open(page, 'access', 'change_user')
      await assertAccessible(page, 'an operation')
      await assertNoSidewaysScroll(page, 'an operation')
      // What it answers, part by part.
      await operation(page, 'people', 'get_person').getByRole('tab', { name: 'Schema' }).first().click()
      await operation(page, 'people', 'get_person').locator('.json-schema-2020-12').first().waitFor()
      await assertAccessible(page, 'a schema')
      await assertNoSidewaysScroll(page, 'a schema')
    })
  }
}
