import assert from 'node:assert/strict'
import { test } from 'node:test'

import { assertAccessible, assertNoSidewaysScroll, openConsole, security, settled, useBrowser } from './console.mjs'

useBrowser()

/** The field on the bar; that of the page of the people has another name. */
function field(page) {
  return page.getByRole('searchbox', { name: '查找人员' })
}

/** What opens the field where the bar has no room for it. */
function opener(page) {
  return page.getByRole('button', { name: '查找人员', exact: true })
}

function hasFocus(locator) {
  return locator.evaluate((element) => element === document.activeElement)
}

/** Somebody of the city. */
async function aName(page) {
  await page.goto('/console/people')
  await settled(page)
  return (await page.locator('tbody th a').first().innerText()).trim()
}

/** The next search for a text; it stands in what is sent, and not in the address that it is sent to. */
function searchFor(page, text) {
  return page.waitForRequest((request) => {
    const { pathname, search } = new URL(request.url())
    return pathname === '/api/v1/people/searches' && search === '' && request.postDataJSON().q === text
  })
}

test('somebody is found from any page, by keyboard, and the name stands in no address', async (t) => {
  const { page } = await openConsole(t)
  const name = await aName(page)
  const addresses = []
  page.on('request', (request) => addresses.push(request.url()))
  for (const [place, key] of [
    ['/console/batches', '/'],
    ['/console/lists?division=440104', 'Control+k'],
  ]) {
    await page.goto(place)
    await settled(page)
    await page.keyboard.press(key)
    assert.ok(await hasFocus(field(page)), `${key} does not lead to the field`)
    assert.equal(await field(page).inputValue(), '')
    await page.keyboard.type(name)
    const asked = searchFor(page, name)
    await page.keyboard.press('Enter')
    await asked
    await page.waitForURL('**/console/people**')
    await settled(page)
    assert.equal(await page.getByRole('searchbox').inputValue(), name)
    for (const address of [...addresses, page.url()]) assert.ok(!decodeURIComponent(address).includes(name), address)
    assert.ok(!(await page.evaluate(() => JSON.stringify([history.state, { ...localStorage }, { ...sessionStorage }]))).includes(name))
  }
  assert.equal(new URL(page.url()).searchParams.get('division'), '440104')
})

test('the way back to what was searched for in the bar brings it', async (t) => {
  const { page } = await openConsole(t)
  const name = await aName(page)
  await page.goto('/console/batches')
  await settled(page)
  await field(page).fill(name)
  await field(page).press('Enter')
  await page.waitForURL('**/console/people**')
  await settled(page)
  await page.locator('tbody th a').first().click()
  await page.waitForURL('**/console/people/*')
  await settled(page)
  const again = searchFor(page, name)
  await page.goBack()
  await again
  assert.equal(await page.getByRole('searchbox').inputValue(), name)
})

test('the page of the people has its own field alone, and the keys lead to it', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  assert.equal(await page.getByRole('searchbox').count(), 1)
  for (const key of ['/', 'Control+k']) {
    await page.keyboard.press(key)
    assert.ok(await hasFocus(page.getByRole('searchbox')), key)
    await page.getByRole('searchbox').blur()
  }
})

test('the escape key leaves the field for where the keyboard was', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/batches')
  await settled(page)
  const link = page.getByRole('navigation', { name: '工作台' }).getByRole('link').first()
  await link.focus()
  await page.keyboard.press('/')
  assert.ok(await hasFocus(field(page)))
  await page.keyboard.type('zzzz')
  await page.keyboard.press('Escape')
  assert.ok(await hasFocus(link))
  assert.equal(await field(page).inputValue(), '')
})

test('a slash that is typed stays a slash, and the key can be switched off', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/trail')
  await settled(page)
  const other = page.getByLabel('操作人')
  await other.focus()
  await page.keyboard.type('a/b')
  assert.equal(await other.inputValue(), 'a/b')
  assert.ok(await hasFocus(other))

  await page.getByRole('button', { name: '显示方式' }).click()
  await page.getByRole('group', { name: '查找人员的快捷键' }).getByRole('button', { name: '只用' }).click()
  await assertAccessible(page, 'the choice of keys')
  await page.reload()
  await settled(page)
  await page.keyboard.press('/')
  assert.ok(!(await hasFocus(field(page))))
  assert.equal(await field(page).getAttribute('aria-keyshortcuts'), 'Control+K Meta+K')
  await page.keyboard.press('Control+k')
  assert.ok(await hasFocus(field(page)))
})

test('who sees no person has no field, and the keys do nothing', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await settled(page)
  await page.keyboard.press('/')
  assert.equal(await page.getByRole('searchbox').count(), 0)
  assert.equal(await opener(page).count(), 0)
})

for (const locale of ['zh', 'en']) {
  test(`the bar has room for the field at 1280 px, and for its button in one row at 390 px (${locale})`, async (t) => {
    const label = locale === 'zh' ? '查找人员' : 'Find a person'
    for (const width of [1280, 390]) {
      // The overview has the fullest bar.
      const { page } = await openConsole(t, { width, height: 800, locale })
      await settled(page)
      const shown = width === 1280 ? page.getByRole('searchbox', { name: label }) : page.getByRole('button', { name: label, exact: true })
      const box = await shown.boundingBox()
      assert.ok(box, `nothing to search with at ${width} px`)
      assert.ok(box.width >= (width === 1280 ? 150 : 24) && box.height >= 24, JSON.stringify(box))
      const bar = await page.locator('header.bar').boundingBox()
      assert.ok(bar.height < 64, `the bar is ${bar.height} px high at ${width} px`)
    }
  })
}

for (const [name, modes] of [
  ['', {}],
  [' in the dark', { theme: 'dark' }],
  [' in large type', { type: 'large' }],
]) {
  test(`a telephone opens the field by its button${name}; it is accessible, fits, and closes`, async (t) => {
    const { page } = await openConsole(t, { width: 390, height: 800, modes })
    await settled(page)
    assert.equal(await field(page).count(), 0)
    await opener(page).click()
    assert.ok(await hasFocus(field(page)))
    assert.equal(await opener(page).getAttribute('aria-expanded'), 'true')
    const box = await field(page).boundingBox()
    assert.ok(box.width >= 200 && box.x >= 0 && box.x + box.width <= 390, JSON.stringify(box))
    await assertNoSidewaysScroll(page, 'the field')
    await assertAccessible(page, 'the field')
    await page.keyboard.press('Escape')
    assert.equal(await field(page).count(), 0)
    assert.ok(await hasFocus(opener(page)))
    await opener(page).click()
    await field(page).fill('zzzzqqqqxxxx')
    await field(page).press('Enter')
    await page.waitForURL('**/console/people**')
    await page.getByText('没有找到符合的人').waitFor()
  })

  test(`the field at a desk${name} is accessible with the keyboard in it`, async (t) => {
    const { page } = await openConsole(t, { width: 1280, height: 860, modes })
    await page.goto('/console/batches')
    await settled(page)
    await page.keyboard.press('/')
    assert.ok(await hasFocus(field(page)))
    await assertNoSidewaysScroll(page, 'the field')
    await assertAccessible(page, 'the field')
  })
}
