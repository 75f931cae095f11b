import { flushPromises, mount, type VueWrapper } from '@vue/test-utils'
import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createMemoryHistory } from 'vue-router'

import type { ClientFile, Meta } from '@/api/types'
import { createAppRouter } from '@/app/router'
import { powers, session } from '@/app/stores/fixtures'
import { useMetaStore } from '@/app/stores/meta'
import { useSessionStore } from '@/app/stores/session'
import { cityDay, endOfDay } from '@/lib/day'
import { createMessages } from '@/locales'

import ClientPage from './ClientPage.vue'
import { agreement, client, clientFile, key } from './fixtures'

const PEM = '-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----'
const policy = (id: string, zh: string, en: string): Meta['policies'][number] => ({ id, name: { zh, en }, cycle: 'monthly', demo: false, mode: 'auto', unit: 'person', verify: false })
const meta: Meta = {
  city: { zh: '某市', en: 'Some City' },
  periods: ['2024-01'],
  code_version: '0.1.0',
  datasets: [],
  policies: [
    policy('longevity-allowance', '长者长寿保健金', 'Longevity health allowance'),
    policy('orphan-allowance', '孤儿基本生活费', 'Orphans’ basic living allowance'),
  ],
  districts: [],
  quarantine_codes: [],
}

let file: ClientFile
/** What is answered to anything but reading. */
let refusal: [number, unknown] | null
const changes: { method: string; path: string; key: string | null; body: unknown }[] = []
let wrapper: VueWrapper

/** The page as somebody sees it who may do these acts. */
async function open(...actions: string[]): Promise<void> {
  const pinia = createPinia()
  setActivePinia(pinia)
  useSessionStore().session = session({ powers: [powers(null, ...actions)] })
  useMetaStore().meta = meta
  wrapper = mount(ClientPage, { props: { clientId: 'bus' }, global: { plugins: [pinia, createAppRouter(createMemoryHistory()), createMessages('en')] }, attachTo: document.body })
  await flushPromises()
}

const buttons = (): string[] => wrapper.findAll('button').map((button) => button.attributes('aria-label') ?? button.text())
/** The dialog that is open; the others of the page stand empty beside it. */
const dialog = (): Element => document.querySelector('[role=dialog] form')!.closest('[role=dialog]')!
const submit = (): HTMLButtonElement => dialog().querySelector('button[type=submit]')!

async function press(name: string): Promise<void> {
  const found = wrapper.findAll('button').find((button) => (button.attributes('aria-label') ?? button.text()) === name)
  if (!found) throw new Error(`there is no button ${name}`)
  await found.trigger('click')
  await flushPromises()
}

async function fill(selector: string, text: string): Promise<void> {
  const box = dialog().querySelector<HTMLInputElement | HTMLTextAreaElement>(selector)!
  box.value = text
  box.dispatchEvent(new Event('input'))
  await flushPromises()
}

async function send(): Promise<void> {
  submit().click()
  await flushPromises()
}

beforeEach(() => {
  file = clientFile()
  refusal = null
  changes.length = 0
  vi.stubGlobal('fetch', async (request: Request) => {
    const json = (status: number, body: unknown): Response => new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } })
    if (request.method === 'GET') return json(200, file)
    const text = await request.text()
    changes.push({ method: request.method, path: new URL(request.url).pathname, key: request.headers.get('idempotency-key'), body: text === '' ? null : JSON.parse(text) })
    if (refusal) return json(...refusal)
    return request.method === 'DELETE' ? json(204, null) : json(201, {})
  })
})
afterEach(() => {
  wrapper.unmount()
  document.body.innerHTML = ''
  vi.unstubAllGlobals()
})

describe('ClientPage', () => {
  it('says whose it is, which keys it has and what it may ask', async () => {
    await open('client.read')
    expect(wrapper.get('h1').text()).toBe('公交优待')
    for (const word of ['Active', key().key_id, 'MCowBQYDK2VwAyEA…', '2027-11-27', 'Longevity health allowance', '老年人权益保障法第五十八条', '2027-06-30']) expect(wrapper.text()).toContain(word)
    expect(wrapper.text()).not.toContain(key().public_key)
  })

  it('offers nothing to those who only read', async () => {
    await open('client.read')
    expect(buttons()).toEqual([])
  })

  it('offers all acts to those who may change it', async () => {
    await open('client.read', 'client.change')
    expect(buttons()).toEqual(['End client', 'Add a key', `Take back: ${key().key_id}`, 'Add an agreement', 'End: Longevity health allowance'])
  })

  it('offers nothing more once it has ended, and says that nothing counts', async () => {
    file = clientFile({ client: client({ ended_at: '2026-12-01T00:00:00Z' }) })
    await open('client.read', 'client.change')
    expect(buttons()).toEqual([])
    expect(wrapper.get('.notice').text()).toContain('none of its keys counts')
    expect(wrapper.findAll('tbody').map((body) => body.text().includes('Ended with the client'))).toEqual([true, true])
  })

  it('leaves nothing to take back that has been', async () => {
    file = clientFile({ keys: [key({ revoked_at: '2026-11-30T00:00:00Z', counts: false })], agreements: [agreement({ policy: 'of-old', in_force: false })] })
    await open('client.read', 'client.change')
    expect(buttons()).toEqual(['End client', 'Add a key', 'Add an agreement'])
    // A policy that is no longer there is called by its id; a key ended on the day on which it was taken back.
    for (const word of ['Taken back', '2026-11-30', 'of-old']) expect(wrapper.text()).toContain(word)
  })

  it('says what is missing while there is no key and no agreement', async () => {
    file = clientFile({ keys: [], agreements: [] })
    await open('client.read')
    for (const word of ['No keys yet', 'No agreements yet']) expect(wrapper.text()).toContain(word)
  })

  it('adds a public key until the end of a day, and reads the page again', async () => {
    file = clientFile({ keys: [] })
    await open('client.read', 'client.change')
    await press('Add a key')
    expect(dialog().textContent).toContain('openssl genpkey -algorithm ed25519 -out private.pem')
    expect(submit().disabled).toBe(true)
    await fill('textarea', `\n${PEM}\n`)
    file = clientFile()
    await send()
    expect(changes).toEqual([{ method: 'POST', path: '/api/v1/api-clients/bus/keys', key: expect.stringMatching(/^[0-9a-f]{32}$/) as string, body: { public_key: PEM, until: endOfDay(cityDay(365)) } }])
    expect(wrapper.text()).toContain(key().key_id)
  })

  it('sends no private key anywhere', async () => {
    await open('client.read', 'client.change')
    await press('Add a key')
    await fill('textarea', '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA==\n-----END PRIVATE KEY-----')
    expect(submit().disabled).toBe(true)
    expect(dialog().querySelector('[role=alert]')?.textContent).toContain('This is a private key; it was not sent.')
    dialog().querySelector('form')?.dispatchEvent(new Event('submit'))
    await flushPromises()
    expect(changes).toEqual([])
  })

  it('says why a key was refused, asks again with the same request key, and keeps what was pasted', async () => {
    await open('client.read', 'client.change')
    await press('Add a key')
    await fill('textarea', 'no key')
    refusal = [409, { code: 'KEYS-ENOUGH' }]
    await send()
    await send()
    expect(dialog().querySelector('[role=alert]')?.textContent).toContain('Three keys are in force already')
    expect(dialog().querySelector('textarea')?.value).toBe('no key')
    expect(new Set(changes.map((change) => change.key)).size).toBe(1)
  })

  it('takes a key back once that is confirmed', async () => {
    await open('client.read', 'client.change')
    await press(`Take back: ${key().key_id}`)
    expect(changes).toEqual([])
    await send()
    expect(changes).toEqual([{ method: 'DELETE', path: `/api/v1/api-clients/bus/keys/${key().key_id}`, key: null, body: null }])
  })

  it('adds an agreement about a policy that there is none about yet', async () => {
    await open('client.read', 'client.change')
    await press('Add an agreement')
    await fill('textarea', ' by law, for bus passes ')
    expect(submit().disabled).toBe(true)
    dialog().querySelector<HTMLInputElement>('[role=combobox]')!.click()
    await flushPromises()
    const offered = [...document.querySelectorAll<HTMLElement>('[role=option]')]
    expect(offered.map((option) => option.textContent.trim())).toEqual(['Orphans’ basic living allowance'])
    offered[0]?.click()
    await flushPromises()
    await send()
    expect(changes).toEqual([
      {
        method: 'POST',
        path: '/api/v1/api-clients/bus/agreements',
        key: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
        body: { policy: 'orphan-allowance', basis: 'by law, for bus passes', until: endOfDay(cityDay(365)) },
      },
    ])
  })

  it('ends an agreement, and the client, once that is confirmed', async () => {
    await open('client.read', 'client.change')
    await press('End: Longevity health allowance')
    expect(dialog().textContent).toContain('公交优待 can no longer ask about Longevity health allowance')
    await send()
    wrapper.unmount()
    document.body.innerHTML = ''
    await open('client.read', 'client.change')
    await press('End client')
    expect(dialog().textContent).toContain('All keys of 公交优待 stop counting at once')
    expect(changes).toHaveLength(1)
    await send()
    expect(changes.map((change) => `${change.method} ${change.path}`)).toEqual(['DELETE /api/v1/api-clients/bus/agreements/a1', 'DELETE /api/v1/api-clients/bus'])
  })
})
