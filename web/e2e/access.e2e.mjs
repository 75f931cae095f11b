import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

import { somebody } from './citizens.mjs'
import { assertAccessible, assertNoSidewaysScroll, choices, openConsole, security, settled, signIn, useBrowser, username } from './console.mjs'
import { totp } from './totp.mjs'

useBrowser()

/** Accounts of other runs of these tests may be there. */
const RUN = randomBytes(3).toString('hex')

test('the code of a telephone is that of the standard', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 59_000 })
  // RFC 6238, appendix B: the last six digits at 59 seconds.
  assert.equal(totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'), '287082')
})

/** A password that nobody guesses. */
function secretWords() {
  return `${randomBytes(6).toString('hex')} ${randomBytes(6).toString('hex')}`
}

async function choose(page, root, label, option) {
  await root.getByRole('combobox', { name: label }).click()
  await choices(page).filter({ hasText: option }).first().click()
}

/** As the security administrator: makes an account, and returns its initial password. */
async function createAccount(page, { name, displayName, organisation, role }) {
  await page.goto('/console/accounts')
  await settled(page)
  await page.getByRole('button', { name: '新建账号' }).click()
  const dialog = page.getByRole('dialog', { name: '新建账号' })
  await dialog.getByLabel('用户名').fill(name)
  await dialog.getByLabel('姓名').fill(displayName)
  await dialog.getByRole('combobox', { name: '机构' }).fill(organisation)
  await choices(page).filter({ hasText: organisation }).first().click()
  await dialog.getByRole('checkbox', { name: role, exact: true }).check()
  await dialog.getByRole('button', { name: '生成' }).click()
  await dialog.getByRole('button', { name: '建立', exact: true }).click()
  const issued = page.getByRole('dialog', { name: '请记下密码' })
  await issued.waitFor()
  const given = (await issued.locator('.issued').innerText()).trim()
  await issued.getByRole('button', { name: '我已记下' }).click()
  await page.waitForURL(`**/console/accounts/${name}**`)
  await page.getByRole('heading', { level: 1, name: displayName }).waitFor()
  return given
}

async function grantPurpose(page, purpose) {
  await page.getByRole('button', { name: '授予用途' }).click()
  const dialog = page.getByRole('dialog', { name: '授予用途' })
  await choose(page, dialog, '用途', purpose)
  await dialog.getByLabel('理由').fill('浏览器测试')
  await dialog.getByRole('button', { name: '授予用途' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('table', { name: '获授用途' }).getByRole('row', { name: new RegExp(purpose) }).getByText('有效').first().waitFor()
}

/** The first sign-in of an account: its owner has to choose a password of their own, and signs in again. */
async function firstSignIn(page, name, initial, own) {
  await page.goto('/console/sign-in')
  await signIn(page, initial, name)
  await page.waitForURL('**/console/account**')
  await page.getByText('现在的密码是别人设的').waitFor()
  // Nothing else can be reached before.
  assert.equal(await page.getByRole('navigation', { name: '工作台' }).getByRole('link').count(), 0)
  await page.goto('/console/people')
  await page.waitForURL('**/console/account**')
  await page.getByLabel('现在的密码').fill(initial)
  await page.getByLabel('新密码', { exact: true }).fill(own)
  await page.getByLabel('再输一次新密码').fill(own)
  await page.getByRole('button', { name: '修改密码' }).click()
  await page.waitForURL('**/console/sign-in**')
  await page.getByText('密码已修改').waitFor()
  await signIn(page, own, name)
  await page.waitForURL('**/console/overview**')
}

/** A district of which the registry has people, and its civil-affairs bureau. */
async function districtWithPeople(t) {
  const { page } = await openConsole(t)
  await page.goto('/console/people')
  await settled(page)
  const somewhere = await page.locator('tbody tr td:nth-child(6) .content').first().innerText()
  await page.getByRole('combobox', { name: '查看范围' }).click()
  const offered = choices(page).filter({ hasText: '区级' }).locator('.line > span:first-child')
  await offered.first().waitFor()
  const districts = (await offered.allInnerTexts()).map((each) => each.trim())
  const district = districts.find((each) => somewhere.includes(each))
  assert.ok(district, `${somewhere} is in none of ${districts.join()}`)
  return district
}

test('a security administrator sees no way to people, and the address says why', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await settled(page)
  const links = (await page.getByRole('navigation', { name: '工作台' }).getByRole('link').allInnerTexts()).map((each) => each.trim())
  assert.deepEqual(links, ['账号', '机构', '合作单位接口'])
  await page.goto('/console/people')
  await page.getByRole('heading', { level: 1, name: '您不能查看“人员”' }).waitFor()
  await page.getByText('这个页面供以下角色使用').waitFor()
  await assertAccessible(page, 'a page without leave')
  await assertNoSidewaysScroll(page, 'a page without leave')
})

test('one’s own account can be looked at and not be changed', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await page.goto(`/console/accounts/${security}`)
  await settled(page)
  await page.getByText('这是您自己的账号').waitFor()
  for (const name of ['修改信息', '重设密码', '授予用途', '办理离职']) assert.equal(await page.getByRole('button', { name }).count(), 0, name)
})

test('a new account changes its password first, and then sees the people of its division alone', async (t) => {
  const district = await districtWithPeople(t)
  const name = `case.${RUN}`
  const { page: office } = await openConsole(t, { as: security })
  const initial = await createAccount(office, { name, displayName: '测试经办', organisation: `${district}民政局`, role: '经办' })
  await office.getByText('没有获授任何用途').waitFor()
  await grantPurpose(office, '业务经办')

  const { page } = await openConsole(t, { signedIn: false })
  await firstSignIn(page, name, initial, secretWords())
  await page.getByText('用途：业务经办').first().waitFor()
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '人员' }).click()
  await page.waitForURL('**/console/people**')
  await settled(page)
  const divisions = await page.locator('tbody tr td:nth-child(6) .content').allInnerTexts()
  assert.ok(divisions.length > 0)
  for (const division of divisions) assert.ok(division.includes(district), `${division} is not in ${district}`)
  // Batches are not for case workers, whatever the purpose.
  await page.goto('/console/batches')
  await page.getByRole('heading', { level: 1, name: '您不能查看“发放批次”' }).waitFor()

  // A number in full, for a reason; gone when the page is left.
  await page.goto('/console/people')
  await settled(page)
  await page.locator('tbody th a').first().click()
  await page.waitForURL('**/console/people/*')
  await settled(page)
  const file = page.url()
  const reveal = page.getByRole('button', { name: /^显示完整的/ }).first()
  await reveal.click()
  const dialog = page.getByRole('dialog', { name: /^显示完整的/ })
  await assertAccessible(page, 'the question for a reason')
  await dialog.getByLabel('为什么需要').fill('浏览器测试')
  await dialog.getByRole('button', { name: '显示并记录' }).click()
  await page.getByText('完整取值，已记录').waitFor()
  await page.reload()
  await settled(page)
  assert.equal(await page.getByText('完整取值，已记录').count(), 0)

  // Somebody who may act for the person: not the person.
  await page.getByRole('heading', { level: 2, name: '谁能替此人办事' }).waitFor()
  const shown = (await page.getByRole('heading', { level: 1 }).innerText()).trim()
  const relative = [somebody(2), somebody(3)].find((one) => one.name !== shown)
  await page.getByRole('button', { name: '登记', exact: true }).click()
  const adding = page.getByRole('dialog', { name: '登记监护人或受托人' })
  await adding.getByLabel('对方的公民身份号码').fill(relative.id_number)
  await adding.getByLabel('对方的姓名').fill(relative.name)
  await choose(page, adding, '关系', '监护人')
  await adding.getByLabel('依据').fill('浏览器测试')
  await assertAccessible(page, 'somebody who is to act')
  await adding.getByRole('button', { name: '登记', exact: true }).click()
  await adding.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: `终止：${relative.name}` }).click()
  const ending = page.getByRole('dialog', { name: '终止' })
  await ending.getByRole('button', { name: '终止', exact: true }).click()
  await ending.waitFor({ state: 'hidden' })
  await page.getByText('没有登记监护人或受托人').waitFor()

  // It is in the trail.
  const { page: audit } = await openConsole(t)
  await audit.goto(`/console/trail?what=person.reveal&who=${name}`)
  await settled(audit)
  const entry = audit.getByRole('row', { name: /查看完整取值/ }).first()
  assert.match(await entry.innerText(), /浏览器测试/)
  assert.match(await entry.innerText(), new RegExp(`person:${new URL(file).pathname.split('/').at(-1)}`))

  // Without the purpose nobody is seen any more.
  await office.getByRole('button', { name: '收回：业务经办' }).click()
  await office.getByRole('dialog', { name: '收回' }).getByRole('button', { name: '收回', exact: true }).click()
  await office.getByText('已收回').first().waitFor()
  await page.goto('/console/people')
  await page.getByText('需要获授用途：业务经办').waitFor()
})

test('an account is changed only in the version that was read', async (t) => {
  const name = `changed.${RUN}`
  const { page } = await openConsole(t, { as: security })
  await createAccount(page, { name, displayName: '测试改名', organisation: '民政局', role: '财务' })
  const { page: other } = await openConsole(t, { as: security })
  for (const each of [page, other]) {
    await each.goto(`/console/accounts/${name}`)
    await settled(each)
    await each.getByRole('button', { name: '修改信息' }).click()
    await each.getByRole('dialog', { name: '修改信息' }).getByLabel('姓名').waitFor()
  }
  async function rename(each, to) {
    const dialog = each.getByRole('dialog', { name: '修改信息' })
    await dialog.getByLabel('姓名').fill(to)
    await dialog.getByRole('button', { name: '保存' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await settled(each)
  }
  await rename(other, '第一个改名')
  await other.getByRole('heading', { level: 1, name: '第一个改名' }).waitFor()
  await rename(page, '第二个改名')
  await page.getByText('内容已被别人改过').waitFor()
  await page.getByRole('heading', { level: 1, name: '第一个改名' }).waitFor()
})

test('a second factor is set up, asked for at sign-in, and taken away by an administrator', async (t) => {
  const name = `factor.${RUN}`
  const own = secretWords()
  const { page: office } = await openConsole(t, { as: security })
  const initial = await createAccount(office, { name, displayName: '测试两步', organisation: '民政局', role: '财务' })

  const { page } = await openConsole(t, { signedIn: false })
  await firstSignIn(page, name, initial, own)
  await page.getByRole('link', { name: '测试两步' }).click()
  await page.waitForURL('**/console/account**')
  await page.getByRole('button', { name: '开始设置' }).click()
  const picture = page.getByRole('img', { name: /二维码/ })
  await picture.waitFor()
  assert.ok(await picture.evaluate((image) => image.complete && image.naturalWidth > 0), 'the picture is not shown')
  const secret = (await page.locator('code.letters').innerText()).replace(/\s/g, '')
  await assertAccessible(page, 'setting up a second factor')
  await page.getByLabel('手机上显示的验证码').fill('000000')
  await page.getByRole('button', { name: '确认启用' }).click()
  await page.getByText('CODE-WRONG').waitFor()
  await page.getByLabel('手机上显示的验证码').fill(totp(secret))
  await page.getByRole('button', { name: '确认启用' }).click()
  const items = page.getByRole('list', { name: '恢复码' }).getByRole('listitem')
  await items.first().waitFor()
  const codes = await items.allInnerTexts()
  assert.equal(codes.length, 10)
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载' }).click()])
  assert.ok((await readFile(await download.path(), 'utf8')).includes(codes[0].trim()))
  await page.getByRole('button', { name: '我已保存' }).click()
  await page.getByText('两步验证已在使用').waitFor()
  await page.getByRole('button', { name: '退出' }).click()

  // A code is taken once, so that the next half minute's is given.
  await page.waitForURL('**/console/sign-in')
  await signIn(page, own, name)
  await page.getByLabel('验证码').waitFor()
  assert.equal(await page.inputValue('#password'), own)
  assert.equal(await page.evaluate(() => document.activeElement?.id), 'code')
  await assertAccessible(page, 'sign-in with a code')
  await page.fill('#code', totp(secret, 1))
  await page.click('button[type=submit]')
  await page.waitForURL('**/console/overview**')

  // A recovery code signs in once.
  await page.getByRole('button', { name: '退出' }).click()
  await page.waitForURL('**/console/sign-in')
  await signIn(page, own, name)
  await page.getByLabel('验证码').fill(codes[0].trim())
  await page.click('button[type=submit]')
  await page.waitForURL('**/console/overview**')

  await office.goto(`/console/accounts/${name}`)
  await settled(office)
  await office.getByRole('button', { name: '取消两步验证' }).click()
  const dialog = office.getByRole('dialog', { name: '取消两步验证' })
  await dialog.getByText('所有会话立即结束').waitFor()
  await dialog.getByRole('button', { name: '取消两步验证' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.goto('/console/overview')
  await page.waitForURL('**/console/sign-in**')
  await signIn(page, own, name)
  await page.waitForURL('**/console/overview**')
})

test('an organisation is made, and a taken id is refused in the dialog', async (t) => {
  const { page } = await openConsole(t, { as: security })
  await page.goto('/console/organisations')
  await settled(page)
  async function make() {
    await page.getByRole('button', { name: '新建机构' }).click()
    const dialog = page.getByRole('dialog', { name: '新建机构' })
    await dialog.getByLabel('机构编号').fill(`test-${RUN}`)
    await dialog.getByLabel('中文名称').fill('测试慈善会')
    await choose(page, dialog, '类别', '慈善组织')
    await dialog.getByLabel('行政区划').fill('4401')
    await dialog.getByRole('button', { name: '建立', exact: true }).click()
    return dialog
  }
  const made = await make()
  await made.waitFor({ state: 'hidden' })
  await page.getByText(`test-${RUN}`).waitFor()
  const again = await make()
  await again.getByRole('alert').waitFor()
  assert.match(await again.getByRole('alert').innerText(), /机构编号已被使用/)
  await assertAccessible(page, 'a refused organisation')
})

test('the trail is filtered, and the address remembers how', async (t) => {
  const { page } = await openConsole(t)
  await page.goto('/console/trail')
  await settled(page)
  const table = page.getByRole('table', { name: '审计轨迹' })
  // Looking into the trail is an entry as well, and the newest.
  assert.match(await table.locator('tbody tr').first().innerText(), /查看审计轨迹/)
  await page.getByLabel('操作人').fill(username)
  await page.getByRole('button', { name: '查询' }).click()
  await page.waitForURL(/who=/)
  await choose(page, page, '行为', /^登录$/)
  await page.waitForURL(/what=session\.create/)
  await settled(page)
  const rows = await table.locator('tbody tr').allInnerTexts()
  assert.ok(rows.length > 0)
  for (const row of rows) assert.match(row, /session\.create/)
  await page.reload()
  await settled(page)
  assert.equal(await page.getByLabel('操作人').inputValue(), username)
  await page.getByRole('button', { name: '清除筛选' }).click()
  await page.waitForURL((url) => !url.searchParams.has('who'))
})

for (const width of [390, 1280]) {
  test(`the pages of a security administrator are accessible and no wider than a window of ${width} px`, async (t) => {
    const { page } = await openConsole(t, { width, height: 800, as: security })
    for (const place of ['/console/accounts', `/console/accounts/${username}`, `/console/accounts/${security}`, '/console/organisations', '/console/account', '/console/lists']) {
      await page.goto(place)
      await settled(page)
      await assertNoSidewaysScroll(page, place)
      await assertAccessible(page, place)
    }
    await page.goto('/console/accounts')
    await settled(page)
    await page.getByRole('button', { name: '新建账号' }).click()
    await page.getByRole('dialog', { name: '新建账号' }).getByRole('button', { name: '生成' }).waitFor()
    await assertNoSidewaysScroll(page, 'a new account')
    await assertAccessible(page, 'a new account')
  })
}

test('a phone has the account and the purpose in its menu', async (t) => {
  const { page } = await openConsole(t, { width: 390, height: 740 })
  await settled(page)
  await page.getByRole('button', { name: '菜单' }).click()
  const menu = page.getByRole('dialog')
  await menu.getByText('用途：审计监督').waitFor()
  await menu.getByTitle('我的账号').click()
  await page.waitForURL('**/console/account**')
  await page.getByRole('heading', { level: 1, name: '我的账号' }).waitFor()
})
