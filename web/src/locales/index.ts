import { createI18n } from 'vue-i18n'

import type { Locale } from '@/lib/format'
import { languageTag } from '@/lib/format'

import { en } from './en'
import { zh } from './zh'

/** Both languages have these messages; the compiler says which one lacks what. */
export type Messages = typeof zh

const STORED = 'huimin.locale'

function storedLocale(): Locale {
  try {
    return localStorage.getItem(STORED) === 'en' ? 'en' : 'zh'
  } catch {
    // Storage may be switched off.
    return 'zh'
  }
}

export function createMessages(locale: Locale = storedLocale()) {
  return createI18n({
    legacy: false,
    locale,
    fallbackLocale: 'zh',
    messages: { zh, en },
  })
}

export const i18n = createMessages()

/** Switches the language of everything and remembers it in this browser. */
export function setLocale(locale: Locale): void {
  i18n.global.locale.value = locale
  showLocale(locale)
  try {
    localStorage.setItem(STORED, locale)
  } catch {
    // Then it holds until the page is left.
  }
}

/** Tells assistive technology and the browser's fonts which language the page is in. */
export function showLocale(locale: Locale): void {
  document.documentElement.lang = languageTag(locale)
}
