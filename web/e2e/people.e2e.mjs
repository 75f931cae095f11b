import assert from 'node:assert/strict'
import { test } from 'node:test'

import { openConsole, settled, useBrowser } from './console.mjs'

useBrowser()

test('a name that is searched for finds people of that name', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  const names = page.locator('tbody th')
  const wanted = (await names.first().innerText()).trim()
  const box = page.getByRole('searchbox')
  await box.fill(wanted)
  await box.press('Enter')
  await page.waitForURL(/[?&]q=/)
  await settled(page)
  const found = await names.allInnerTexts()
  assert.ok(found.length > 0)
  assert.equal(found[0].trim(), wanted)
})

test('a search without result says so', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people?q=zzzzqqqqxxxx')
  await settled(page)
  await page.getByText('没有找到符合的人').waitFor()
})

test('an identity number never gets into the address', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  const asked = page.waitForRequest((request) => request.url().includes('/api/v1/people') && request.url().includes('44019919000101'))
  await page.getByRole('searchbox').fill('440199190001010017')
  await asked
  await settled(page)
  assert.ok(!page.url().includes('440199'))
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
