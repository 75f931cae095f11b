import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'

import { make, makeClient, newProgram } from '../scripts/partner.mjs'
import { enterPortal, somebody } from './citizens.mjs'
import { assertAccessible, assertNoSidewaysScroll, baseURL, choices, failing, openConsole, security, settled, useBrowser } from './console.mjs'

useBrowser()

/** Programs of other runs of these tests may be there. */
const RUN = randomBytes(3).toString('hex')
const BASIS = '《中华人民共和国老年人权益保障法》第五十八条：办理乘车优待'
const VERIFICATIONS = `${baseURL}/api/v1/exchange/verifications`

/** What a partner is told, by what the person themselves is told. */
const ANSWERS = { eligible: 'entitled', ask: 'undecided', not: 'not_entitled', not_applicable: 'not_entitled' }

async function choose(page, root, label, option) {
  const box = root.getByRole('combobox', { name: label })
  await box.click()
  await box.fill(option)
  await choices(page).filter({ hasText: option }).first().click()
}

/** As the security administrator: a department of the city, which no other test has. */
async function makeDepartment(page, name) {
  const id = `edu-${randomBytes(3).toString('hex')}`
  await make(page, '/api/v1/organisations', { organisation_id: id, name_zh: name, name_en: '', kind: 'department', division: '4401', parent: null })
  return id
}

async function confirm(page, name, what) {
  const dialog = page.getByRole('dialog', { name })
  await dialog.getByText(what).waitFor()
  await assertAccessible(page, `the question: ${name}`)
  await dialog.getByRole('button', { name, exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await settled(page)
}

test('a partner asks with a key and under an agreement, the person sees it, and it ends with the key', async (t) => {
  // What the person themselves is told; the partner is told the same in one word.
  const person = somebody(4)
  const { page: portal } = await openConsole(t, { width: 390, height: 800, signedIn: false })
  await enterPortal(portal, person)
  const own = new URL(portal.url()).pathname
  const affairs = await (await portal.request.get(`/api/v1/citizen/people/${own.split('/').at(-1)}`)).json()
  const decision = affairs.decisions.find((one) => one.outcome === 'eligible') ?? affairs.decisions[0]

  const { page } = await openConsole(t, { as: security })
  const department = `测试教育局${RUN}`
  await makeDepartment(page, department)
  await page.getByRole('navigation', { name: '工作台' }).getByRole('link', { name: '合作单位接口' }).click()
  await page.waitForURL('**/console/clients**')
  await settled(page)
  await page.getByRole('button', { name: '登记客户端' }).click()
  const creating = page.getByRole('dialog', { name: '登记客户端' })
  await choose(page, creating, '所属机构', department)
  await creating.getByLabel('名称').fill('公交优待')
  await creating.getByLabel('客户端编号').fill(`bus-${RUN}`)
  await creating.getByRole('button', { name: '登记', exact: true }).click()
  await page.waitForURL(`**/console/clients/bus-${RUN}**`)
  await page.getByRole('heading', { level: 1, name: '公交优待' }).waitFor()
  await page.getByText('没有有效的密钥，就不能来核验').waitFor()
  await page.getByText('没有有效的协议，什么都不能问').waitFor()

  // A private key goes nowhere; the public one is written down.
  const program = newProgram()
  await page.getByRole('button', { name: '登记公钥' }).click()
  const adding = page.getByRole('dialog', { name: '登记公钥' })
  await adding.getByText('openssl genpkey -algorithm ed25519 -out private.pem').waitFor()
  await adding.getByLabel('公钥（PEM 文本）').fill(program.privatePem)
  await adding.getByRole('alert').getByText('这是私钥，没有发送').waitFor()
  assert.ok(await adding.getByRole('button', { name: '登记', exact: true }).isDisabled())
  await assertAccessible(page, 'a private key that was pasted')
  await adding.getByLabel('公钥（PEM 文本）').fill(program.publicPem.replace('MCowBQ', 'MCowBA'))
  await adding.getByRole('button', { name: '登记', exact: true }).click()
  await adding.getByRole('alert').getByText('KEY-INVALID').waitFor()
  await adding.getByLabel('公钥（PEM 文本）').fill(program.publicPem)
  await adding.getByRole('button', { name: '登记', exact: true }).click()
  await adding.waitFor({ state: 'hidden' })
  const keys = page.getByRole('table', { name: '密钥' })
  await keys.getByText('有效').waitFor()
  const keyId = (await keys.getByRole('rowheader').first().innerText()).trim()

  const asked = { id_number: person.id_number, name: person.name, policy: decision.policy }
  const early = await program.ask(VERIFICATIONS, asked, keyId)
  assert.deepEqual([early.status, early.body.code], [404, 'AGREEMENT-UNKNOWN'])

  await page.getByRole('button', { name: '登记协议' }).click()
  const agreeing = page.getByRole('dialog', { name: '登记协议' })
  await choose(page, agreeing, '政策', decision.name.zh)
  await agreeing.getByLabel('依据和用途').fill(BASIS)
  await assertAccessible(page, 'a new agreement')
  await agreeing.getByRole('button', { name: '登记', exact: true }).click()
  await agreeing.waitFor({ state: 'hidden' })
  const agreement = page.getByRole('table', { name: '数据共享协议' }).getByRole('row', { name: new RegExp(decision.name.zh) })
  await agreement.getByText(BASIS).waitFor()

  const told = await program.ask(VERIFICATIONS, asked, keyId)
  assert.deepEqual([told.status, told.body.answer, told.body.policy], [200, ANSWERS[decision.outcome], decision.policy])
  // Another one's signature with this key's id counts for nothing.
  const forged = await newProgram().ask(VERIFICATIONS, asked, keyId)
  assert.deepEqual([forged.status, forged.body.code], [401, 'SIGNATURE-INVALID'])

  await portal.goto(`${own}/readings`)
  await settled(portal)
  const look = portal.getByRole('list', { name: '谁看过我的信息' }).getByRole('listitem').filter({ hasText: department })
  assert.match(await look.innerText(), new RegExp(`${department}的“公交优待”（依数据共享协议）[\\s\\S]*合作单位核验是否享受待遇[\\s\\S]*履行数据共享协议`))
  await assertAccessible(portal, 'that a partner has asked')

  await page.getByRole('button', { name: `收回：${keyId}` }).click()
  await confirm(page, '收回', '它立即失效')
  await keys.getByText('已收回').waitFor()
  const late = await program.ask(VERIFICATIONS, asked, keyId)
  assert.deepEqual([late.status, late.body.code], [401, 'SIGNATURE-INVALID'])

  // A key that was taken back does not come back.
  await page.getByRole('button', { name: '登记公钥' }).click()
  await adding.getByLabel('公钥（PEM 文本）').fill(program.publicPem)
  await adding.getByRole('button', { name: '登记', exact: true }).click()
  await adding.getByRole('alert').getByText('这把公钥已经登记过').waitFor()
  await adding.getByRole('button', { name: '取消' }).click()
  await adding.waitFor({ state: 'hidden' })

  await page.getByRole('button', { name: `终止：${decision.name.zh}` }).click()
  await confirm(page, '终止', '立即不能再核验')
  await agreement.getByText('已终止').waitFor()
})

test('a client that has ended stays as a record, and its id is not given again', async (t) => {
  const { page } = await openConsole(t, { as: security })
  const department = `测试卫健委${RUN}`
  const organisation = await makeDepartment(page, department)
  const address = await makeClient(page, { id: `old-${RUN}`, name: '旧系统', organisation, policy: 'longevity-allowance', basis: BASIS })
  await page.goto(address)
  await settled(page)
  await page.getByRole('button', { name: '停用客户端' }).click()
  await confirm(page, '停用客户端', '停用后不能恢复')
  await page.getByText('此客户端已停用').waitFor()
  assert.equal(await page.getByText('随客户端停用').count(), 2)
  assert.equal(await page.locator('main button').count(), 0)
  await page.getByRole('link', { name: '返回合作单位接口' }).click()
  await page.waitForURL(/\/console\/clients(\?|$)/)
  await settled(page)
  await page.getByRole('row', { name: new RegExp(`old-${RUN}`) }).getByText('已停用').waitFor()
  await page.getByRole('button', { name: '登记客户端' }).click()
  const dialog = page.getByRole('dialog', { name: '登记客户端' })
  await choose(page, dialog, '所属机构', department)
  await dialog.getByLabel('名称').fill('新系统')
  await dialog.getByLabel('客户端编号').fill(`old-${RUN}`)
  await dialog.getByRole('button', { name: '登记', exact: true }).click()
  await dialog.getByRole('alert').getByText('客户端编号已被使用').waitFor()
  await assertAccessible(page, 'a refused client')
})

test('an auditor sees clients and what was done about them, and no forms', async (t) => {
  const { page: office } = await openConsole(t, { as: security })
  const organisation = await makeDepartment(office, `测试残联${RUN}`)
  const address = await makeClient(office, { id: `read-${RUN}`, name: '残联系统', organisation, policy: 'longevity-allowance', basis: BASIS })

  const { page } = await openConsole(t)
  await page.goto('/console/clients')
  await settled(page)
  assert.equal(await page.getByRole('button', { name: '登记客户端' }).count(), 0)
  await page.getByRole('link', { name: '残联系统' }).click()
  await page.waitForURL(`**${address}**`)
  await page.getByText(BASIS).waitFor()
  assert.equal(await page.locator('main button').count(), 0)

  await page.goto(`/console/trail?subject=api_client:read-${RUN}`)
  await settled(page)
  const trail = page.getByRole('table', { name: '审计轨迹' })
  for (const act of ['登记接口客户端', '登记客户端公钥', '登记共享协议']) await trail.getByRole('row', { name: new RegExp(act) }).waitFor()
  await trail.getByRole('link', { name: `api_client:read-${RUN}` }).first().click()
  await page.waitForURL(`**${address}**`)
  await page.getByRole('heading', { level: 1, name: '残联系统' }).waitFor()
})

for (const width of [390, 1280]) {
  test(`the pages of API clients are accessible and no wider than a window of ${width} px`, async (t) => {
    const { page } = await openConsole(t, { width, height: 800, as: security })
    const organisation = await makeDepartment(page, `测试人社局${RUN}`)
    const address = await makeClient(page, { id: `wide-${RUN}-${width}`, name: '人社系统', organisation, policy: 'longevity-allowance', basis: BASIS })
    for (const place of ['/console/clients', address]) {
      await page.goto(place)
      await settled(page)
      await assertNoSidewaysScroll(page, place)
      await assertAccessible(page, place)
    }
    for (const name of ['登记公钥', '登记协议']) {
      await page.getByRole('button', { name }).click()
      const dialog = page.getByRole('dialog', { name })
      await dialog.getByLabel('最后一天').waitFor()
      await assertNoSidewaysScroll(page, name)
      await assertAccessible(page, name)
      await dialog.getByRole('button', { name: '取消' }).click()
      await dialog.waitFor({ state: 'hidden' })
    }
  })
}

test('an error can be tried again, and a client that there is not is said to be so', async (t) => {
  const { page } = await openConsole(t, { as: security })
  const mend = await failing(page, '**/api/v1/api-clients?*', 503, 'OVERLOADED')
  await page.goto('/console/clients')
  await page.getByRole('alert').getByText('OVERLOADED').waitFor()
  await mend()
  await page.getByRole('button', { name: '重试' }).click()
  await page.getByRole('table', { name: '合作单位接口' }).or(page.getByText('还没有接口客户端')).waitFor()
  await page.goto('/console/clients/nobody')
  await page.getByRole('alert').getByText('没有这个接口客户端').waitFor()
  await assertAccessible(page, 'a client that there is not')
})
