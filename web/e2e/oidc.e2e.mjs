// Sign-in by OpenID Connect, with a real provider (`provider.mjs`) of another site than the application.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { somebody } from './citizens.mjs'
import { assertAccessible, assertNoSidewaysScroll, openConsole, password, security, settled, signIn, useBrowser } from './console.mjs'
import { totp } from './totp.mjs'

useBrowser()

const PHONE = { width: 390, height: 800 }
/** What the provider calls the one who signs in with the account `worker`. */
const WORKER = 'zhang.san@idp'
/** A citizen whom no other test signs in. */
const CITIZEN = 7
const citizen = somebody(CITIZEN)

const STAFF_BUTTON = '使用统一身份认证登录'
const CITIZENS_BUTTON = '使用网上办事账号登录'

/** At the provider: says who somebody is. */
async function sayWho(page, login, { otp = false } = {}) {
  await page.getByRole('heading', { name: 'Provider' }).waitFor()
  assert.equal(new URL(page.url()).hostname, 'localhost')
  await page.getByLabel('Id').fill(login)
  if (otp) await page.getByLabel('with a one-time password').check()
  await page.getByRole('button', { name: 'Sign in' }).click()
}

async function begin(page, button = STAFF_BUTTON) {
  await page.getByRole('button', { name: button }).click()
}

/** Goes as far as the address of the way back, and does not open it. */
async function wayBack(page, login) {
  await page.goto('/console/sign-in')
  await begin(page)
  await page.getByRole('heading', { name: 'Provider' }).waitFor()
  let answer = await page.request.post(page.url(), { form: { login }, maxRedirects: 0 })
  for (let hops = 0; hops < 5; hops += 1) {
    assert.equal(answer.status(), 303)
    const next = answer.headers().location
    if (next.includes('/api/v1/oidc/')) return next
    answer = await page.request.get(next, { maxRedirects: 0 })
  }
  throw new Error('the provider does not lead back')
}

/** On the sign-in page, with the reason, and not signed in. */
async function assertRefused(page, text, code) {
  await page.waitForURL(`**/console/sign-in?refused=${code}`)
  const alert = page.getByRole('alert')
  assert.match(await alert.innerText(), text)
  assert.ok((await alert.innerText()).includes(code))
  await assertNobody(page)
}

async function assertNobody(page) {
  assert.equal((await page.request.get('/api/v1/session')).status(), 401)
}

/** As the security administrator, on the page of the account `worker`. */
async function openWorker(t, options = {}) {
  const opened = await openConsole(t, { as: security, ...options })
  await opened.page.goto('/console/accounts/worker')
  await settled(opened.page)
  return opened
}

test('the sign-in page offers the provider, and whom it does not know here is refused', async (t) => {
  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/console/sign-in')
  await page.getByRole('button', { name: STAFF_BUTTON }).waitFor()
  await assertAccessible(page, 'sign-in with a provider')
  await assertNoSidewaysScroll(page, 'sign-in with a provider')
  await begin(page)
  await sayWho(page, WORKER)
  await assertRefused(page, /没有对应的账号/, 'OIDC-NOT-LINKED')
  await assertAccessible(page, 'a refused sign-in')
  await assertNoSidewaysScroll(page, 'a refused sign-in')
  // The page can be used as before, and says it in the other language as well.
  await page.getByRole('button', { name: 'English' }).click()
  await page.getByText('No account belongs to it').waitFor()
  await page.getByRole('button', { name: 'Sign in with Unified identity' }).waitFor()
  await signIn(page)
  await page.waitForURL('**/console/overview**')
})

test('an administrator links an account, which then signs in and comes to the page that was asked for', async (t) => {
  const { page } = await openWorker(t, PHONE)
  await page.getByText('尚未关联').waitFor()
  await page.getByRole('button', { name: '关联', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '关联' })
  await dialog.getByLabel('在登录服务中的标识').fill(WORKER)
  await assertAccessible(page, 'linking an account')
  await dialog.getByRole('button', { name: '关联', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText(WORKER).waitFor()
  await assertAccessible(page, 'a linked account')
  await assertNoSidewaysScroll(page, 'a linked account')

  const { page: theirs } = await openConsole(t, { signedIn: false })
  await theirs.goto('/console/lists?list=due')
  await theirs.waitForURL('**/console/sign-in?next=**')
  await begin(theirs)
  await sayWho(theirs, WORKER)
  await theirs.waitForURL(/\/console\/lists\?.*list=due/)
  await theirs.getByRole('heading', { level: 1, name: '三单' }).waitFor()
  assert.equal((await (await theirs.request.get('/api/v1/session')).json()).user.username, 'worker')
  // No cookie of the way is left.
  const names = (await theirs.context().cookies('http://127.0.0.1/api/v1/oidc/staff/callback')).map((cookie) => cookie.name)
  assert.ok(!names.includes('huimin_oidc'), names.join(', '))
  await theirs.getByRole('button', { name: '退出' }).click()
  await theirs.waitForURL('**/console/sign-in')
})

test('who cancels at the provider is back on the sign-in page', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  await page.goto('/console/sign-in')
  await begin(page)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await assertRefused(page, /登录已取消/, 'OIDC-CANCELLED')
})

test('an address of the way back is good once', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  const address = await wayBack(page, WORKER)
  await page.goto(address)
  await page.waitForURL('**/console/overview**')
  await page.context().clearCookies({ name: 'huimin_session' })
  await page.goto(address)
  await assertRefused(page, /本次登录已失效/, 'OIDC-EXPIRED')
})

test('an address of the way back that somebody else prepared signs nobody in', async (t) => {
  const { page: attacker } = await openConsole(t, { signedIn: false })
  const address = await wayBack(attacker, WORKER)
  const { page: victim } = await openConsole(t, { signedIn: false })
  await victim.goto(address)
  await assertRefused(victim, /本次登录已失效/, 'OIDC-EXPIRED')
  // Nor one who has begun to sign in themselves.
  const own = await wayBack(victim, 'stranger')
  await victim.goto(address)
  await assertRefused(victim, /本次登录已失效/, 'OIDC-EXPIRED')
  // With the state of their own and the code of the other, PKCE and nonce refuse it at the provider.
  const mixed = new URL(own)
  mixed.searchParams.set('code', new URL(address).searchParams.get('code'))
  await victim.goto(mixed.href)
  await assertRefused(victim, /无法使用/, 'OIDC-REFUSED')
})

test('a changed state is no state', async (t) => {
  const { page } = await openConsole(t, { signedIn: false })
  const address = new URL(await wayBack(page, WORKER))
  const state = address.searchParams.get('state')
  address.searchParams.set('state', state.replace(/^./, (first) => (first === '0' ? '1' : '0')))
  await page.goto(address.href)
  await assertRefused(page, /本次登录已失效/, 'OIDC-EXPIRED')
  // And one of another issuer is not of this provider (RFC 9207).
  address.searchParams.set('state', state)
  address.searchParams.set('iss', 'https://other.example')
  await page.goto(address.href)
  await assertRefused(page, /无法使用/, 'OIDC-REFUSED')
})

test('with a second factor of the account its code is asked for, unless the provider has asked for one', async (t) => {
  const { page: own } = await openConsole(t, { signedIn: false })
  await own.request.post('/api/v1/session', { data: { username: 'worker', password } })
  const { secret } = await (await own.request.post('/api/v1/session/second-factor')).json()
  assert.equal((await own.request.put('/api/v1/session/second-factor', { data: { code: totp(secret, -1) } })).status(), 200)

  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/console/sign-in?next=/console/lists')
  await begin(page)
  await sayWho(page, WORKER)
  await page.waitForURL('**/console/sign-in?step=code&next=**')
  const box = page.getByLabel('验证码', { exact: true })
  assert.ok(await box.evaluate((input) => input === document.activeElement))
  await assertAccessible(page, 'the second step')
  await assertNoSidewaysScroll(page, 'the second step')
  await assertNobody(page)
  await box.fill('000000')
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.getByText('验证码不正确').waitFor()
  await box.fill(totp(secret))
  await page.getByRole('button', { name: '登录', exact: true }).click()
  await page.waitForURL('**/console/lists**')

  const { page: other } = await openConsole(t, { signedIn: false })
  await other.goto('/console/sign-in')
  await begin(other)
  await sayWho(other, WORKER, { otp: true })
  await other.waitForURL('**/console/overview**')
})

test('without the link the account comes in no more, and its sessions have ended', async (t) => {
  const { page: theirs } = await openConsole(t, { signedIn: false })
  await theirs.goto('/console/sign-in')
  await begin(theirs)
  await sayWho(theirs, WORKER, { otp: true })
  await theirs.waitForURL('**/console/overview**')

  const { page } = await openWorker(t)
  await page.getByRole('button', { name: '解除关联' }).click()
  const dialog = page.getByRole('dialog', { name: '解除关联' })
  await dialog.getByRole('button', { name: '解除关联' }).click()
  await page.getByText('尚未关联').waitFor()
  // The other tests know the account without a second factor.
  assert.equal((await page.request.delete('/api/v1/users/worker/second-factor')).status(), 204)

  await assertNobody(theirs)
  await theirs.goto('/console/sign-in')
  await begin(theirs)
  // The provider still knows them.
  await assertRefused(theirs, /没有对应的账号/, 'OIDC-NOT-LINKED')
})

test('a citizen whom the registry knows signs in to the portal', async (t) => {
  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/')
  await page.getByRole('button', { name: CITIZENS_BUTTON }).waitFor()
  await assertAccessible(page, 'the first page with a provider')
  await assertNoSidewaysScroll(page, 'the first page with a provider')
  await begin(page, CITIZENS_BUTTON)
  await sayWho(page, `citizen-${CITIZEN}`)
  await page.waitForURL('**/my/*')
  await page.getByRole('heading', { level: 1, name: `${citizen.name}，您的待遇` }).waitFor()
  // The console is another matter.
  await assertNobody(page)
})

test('whom the registry does not know, or who cancels, is back on the first page', async (t) => {
  const { page } = await openConsole(t, { ...PHONE, signedIn: false })
  await page.goto('/')
  await begin(page, CITIZENS_BUTTON)
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.waitForURL('**/?refused=OIDC-CANCELLED')
  await page.getByText('登录已取消').waitFor()
  await begin(page, CITIZENS_BUTTON)
  await sayWho(page, 'stranger')
  await page.waitForURL('**/?refused=OIDC-NO-PERSON')
  await page.getByText('无法以此登录').waitFor()
  await assertAccessible(page, 'a refused citizen')
  await assertNoSidewaysScroll(page, 'a refused citizen')
  assert.equal((await page.request.get('/api/v1/citizen/session')).status(), 401)
})
