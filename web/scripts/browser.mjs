import { chromium } from 'playwright-core'

/** Debian's Chromium, without the network traffic that a browser makes on its own. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

/** Where the server is and who signs in. */
export function settings() {
  return {
    baseURL: process.env.BASE_URL ?? 'http://127.0.0.1:8080',
    username: process.env.HUIMIN_USER ?? 'auditor',
    password: required('HUIMIN_PASSWORD'),
  }
}

function required(name) {
  const value = process.env[name]
  if (!value) throw new Error(`${name} is not set: give the password of the account that signs in`)
  return value
}
