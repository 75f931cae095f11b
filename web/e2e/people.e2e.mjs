import assert from 'node:assert/strict'
import { test } from 'node:test'

import { openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

/** The next search for a text; it stands in what is sent, and not in the address that it is sent to. */
function searchFor(page, text) {
  return page.waitForRequest((request) => {
    const { pathname, search } = new URL(request.url())
    return pathname === '/api/v1/people/searches' && search === '' && request.postDataJSON().q === text
  })
}

test('a name that is searched for finds people of that name', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  const names = page.locator('tbody th')
  const wanted = (await names.first().innerText()).trim()
  const box = page.getByRole('searchbox')
  const asked = searchFor(page, wanted)
  await box.fill(wanted)
  await box.press('Enter')
  await asked
  await settled(page)
  const found = await names.allInnerTexts()
  assert.ok(found.length > 0)
  assert.equal(found[0].trim(), wanted)
})

test('a search without result says so', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  await page.getByRole('searchbox').fill('zzzzqqqqxxxx')
  await page.getByText('没有找到符合的人').waitFor()
})

test('what is searched for never gets into an address, and the way back brings it', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people?division=440104')
  await settled(page)
  const box = page.getByRole('searchbox')
  const addresses = []
  page.on('request', (request) => addresses.push(request.url()))
  const name = (await page.locator('tbody th a').first().innerText()).trim()
  for (const text of ['440199190001010017', name]) {
    const asked = searchFor(page, text)
    await box.fill(text)
    await asked
    await settled(page)
    assert.equal(new URL(page.url()).search, '?division=440104')
    assert.ok(!(await page.evaluate(() => JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }]))).includes(text))
    for (const address of addresses) assert.ok(!decodeURIComponent(address).includes(text), address)
  }
  await page.locator('tbody th a').first().click()
  await page.waitForURL('**/console/people/*')
  const again = searchFor(page, name)
  await page.goBack()
  await again
  assert.equal(await box.inputValue(), name)
})

test('a file opens from the results, and an attribute opens to its values and why one won', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  const link = page.locator('tbody th a').first()
  const name = (await link.innerText()).trim()
  await link.click()
  await page.waitForURL('**/console/people/*')
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor()
  assert.ok(!(await page.title()).includes(name), 'a name in the title would stay in the browser history')
  const attribute = page.locator('button[aria-controls^="values-"]').first()
  assert.equal(await attribute.getAttribute('aria-expanded'), 'false')
  await attribute.focus()
  await page.keyboard.press('Enter')
  assert.equal(await attribute.getAttribute('aria-expanded'), 'true')
  const detail = page.locator(`#${await attribute.getAttribute('aria-controls')}`)
  assert.match(await detail.innerText(), /为什么：\s*\S+/)
  assert.equal(await detail.locator('li.chosen').count(), 1)
  assert.match(await detail.locator('li.chosen').innerText(), /采用/)
})

test('a full identity number is never shown', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists?list=due')
  await settled(page)
  await page.locator('tbody th a').first().click()
  await page.waitForURL('**/console/people/**')
  await settled(page)
  assert.doesNotMatch(await page.locator('body').innerText(), /\d{17}[\dX]/)
})

test('a decision opens with conditions, values, sources and the law, and the address remembers it', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/lists?list=due')
  await settled(page)
  await page.locator('tbody th a').first().click()
  await page.waitForURL(/\/console\/people\/.*decision=/)
  const drawer = page.getByRole('dialog')
  await drawer.getByRole('heading', { name: '条件' }).waitFor()
  assert.ok((await drawer.locator('li.condition').count()) > 0)
  assert.match(await drawer.innerText(), /符合/)
  assert.match(await drawer.innerText(), /第 [\d,]+ 行/)
  assert.ok((await drawer.getByRole('heading', { name: '依据' }).count()) === 1)
  await page.keyboard.press('Escape')
  await page.waitForURL((url) => !url.searchParams.has('decision'))
  // 'Why not' is answered as well as 'why'.
  await page.getByRole('button', { name: /查看理由/ }).last().click()
  await page.waitForURL(/decision=/)
  await drawer.waitFor()
})

test('somebody who does not exist gives an error with its code', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people/pffffffffff')
  const alert = page.getByRole('alert')
  await alert.waitFor()
  assert.match(await alert.innerText(), /PERSON-UNKNOWN/)
})
