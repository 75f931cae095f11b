import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, choices, openConsole, security, settled, useBrowser } from './console.mjs'

useBrowser()

/** The box that narrows the console; the one that the window has room for. */
function box(page) {
  return page.getByRole('combobox', { name: '查看范围' })
}

/** Types into the box, as somebody who knows what the place is called, and takes the first that is found. */
async function narrow(page, words) {
  await box(page).focus()
  await page.keyboard.press('Enter')
  await page.keyboard.type(words)
  await choices(page).filter({ hasText: words }).first().waitFor()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await page.waitForURL(/[?&]division=\d{6,}/)
  await settled(page)
}

/** The arrows move through the choices from the box. Axe knows that of a list that scrolls itself, and here its frame does. */
async function assertChoiceAccessible(page) {
  await assertAccessible(page, 'the choice of divisions', ['scrollable-region-focusable'])
}

/** Where the people on the page live. */
function homes(page) {
  return page.locator('tbody tr td:nth-child(6) .content')
}

test('the console is narrowed to a district by keyboard, goes along from page to page, and back leads to the whole', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  await narrow(page, '越秀区')
  assert.match(page.url(), /division=440104\b/)
  await page.getByText('只看越秀区').waitFor()
  const shown = await homes(page).allInnerTexts()
  assert.ok(shown.length > 0)
  for (const home of shown) assert.ok(home.includes('越秀区'), `${home} is not in the district`)

  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '三单' }).click()
  await page.waitForURL(/\/console\/lists\?.*division=440104/)
  await settled(page)
  for (const home of await page.locator('tbody tr td:nth-child(3) .content').allInnerTexts()) assert.ok(home.includes('越秀区'), `${home} is not in the district`)

  await page.goBack()
  await page.waitForURL(/\/console\/people\?division=440104/)
  await page.goBack()
  await page.waitForURL((url) => url.pathname === '/console/people' && !url.searchParams.has('division'))
  await settled(page)
  assert.equal(await page.getByText('只看越秀区').count(), 0)
  const everywhere = await homes(page).allInnerTexts()
  assert.ok(everywhere.some((home) => !home.includes('越秀区')))
})

test('a street is found by its name, and the chip leads back to the whole', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  await box(page).click()
  await choices(page).filter({ hasText: '街镇级' }).first().waitFor()
  await assertChoiceAccessible(page)
  await page.keyboard.press('Escape')
  await narrow(page, '光塔')
  assert.match(page.url(), /division=440104\d{3}\b/)
  const shown = await homes(page).allInnerTexts()
  assert.ok(shown.length > 0)
  for (const home of shown) assert.ok(home.includes('光塔'), `${home} is not in the street`)
  await page.getByRole('button', { name: '返回广州市全部' }).click()
  await page.waitForURL((url) => !url.searchParams.has('division'))
})

test('a page that cannot be narrowed says so; a link opens narrowed', async (t) => {
  const { page } = await openConsole(t)
  for (const place of ['quarantine', 'batches', 'trail']) {
    await page.goto(`/console/${place}?division=440104`)
    await settled(page)
    await page.getByText('只看越秀区').waitFor()
    await page.getByText('这个页面不能按区划缩小范围').waitFor()
  }
  for (const place of ['overview', 'inbox', 'people', 'reviews', 'lists', 'accounts', 'organisations']) {
    await page.goto(`/console/${place}?division=440104`)
    await settled(page)
    await page.getByText('只看越秀区').waitFor()
    assert.equal(await page.getByText('这个页面不能按区划缩小范围').count(), 0, place)
  }
})

test('the overview is narrowed to a district, and says what of it is the whole city’s', async (t) => {
  const { page } = await openConsole(t)
  const persons = async () => {
    await settled(page)
    const tile = page.locator('.tile').filter({ hasText: /^人员/ })
    return Number((await tile.locator('.value').innerText()).replaceAll(',', ''))
  }
  await page.goto('/console/overview')
  const all = await persons()
  assert.equal(await page.getByText('合计和各政策只算所选区划').count(), 0)
  await page.goto('/console/overview?division=440104')
  await page.getByText('合计和各政策只算所选区划').waitFor()
  await page.getByText('全市的，不分区划').waitFor()
  const some = await persons()
  assert.ok(some > 0 && some < all, `${some} of ${all}`)
})

test('accounts and organisations are those of the district', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await page.goto('/console/accounts?division=440104')
  await settled(page)
  const accounts = await page.locator('tbody th code').allInnerTexts()
  assert.ok(accounts.includes('worker'))
  assert.ok(!accounts.includes('auditor'))
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '机构' }).click()
  await page.waitForURL(/organisations\?.*division=440104/)
  await settled(page)
  const codes = await page.locator('tbody tr td:nth-child(2) .content').allInnerTexts()
  assert.ok(codes.length > 1)
  for (const code of codes) assert.ok(code.startsWith('440104'), code)
})

test('a case worker of a district chooses among its streets, and has none of another', async (t) => {
  const { page } = await openConsole(t, { as: 'worker' })
  await page.goto('/console/people')
  await settled(page)
  assert.ok((await page.locator('tbody tr').count()) > 0)
  await box(page).click()
  await choices(page).filter({ hasText: '街镇级' }).first().waitFor()
  await assertChoiceAccessible(page)
  const codes = (await choices(page).allInnerTexts()).flatMap((choice) => choice.match(/\d{6,12}/g) ?? [])
  assert.ok(codes.length > 1)
  for (const code of codes) assert.ok(code.startsWith('440104'), `${code} is not in the district`)
  await page.keyboard.press('Escape')
  await narrow(page, '光塔')
  assert.match(page.url(), /division=440104\d{3}\b/)
  for (const home of await homes(page).allInnerTexts()) assert.ok(home.includes('光塔'), `${home} is not in the street`)
  await page.getByRole('button', { name: '返回越秀区全部' }).click()
  await page.waitForURL((url) => !url.searchParams.has('division'))
})

for (const [name, modes] of [
  ['', {}],
  [' in the dark', { theme: 'dark' }],
  [' in large type', { type: 'large' }],
]) {
  for (const width of [390, 1280]) {
    test(`what the console is narrowed to is accessible and fits a window of ${width} px${name}`, async (t) => {
      const { page } = await openConsole(t, { width, height: 800, modes })
      for (const place of ['people', 'overview']) {
        await page.goto(`/console/${place}?division=440104`)
        await settled(page)
        await page.getByText('只看越秀区').waitFor()
        await assertNoSidewaysScroll(page, place)
        await assertAccessible(page, place)
      }
      await box(page).click()
      await choices(page).first().waitFor()
      await assertChoiceAccessible(page)
      await assertNoSidewaysScroll(page, 'the choice of divisions')
    })
  }
}
