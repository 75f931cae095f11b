// Swagger UI has React inside and is larger than all that any other page needs: only ever import this dynamically.
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js'
import 'swagger-ui-dist/swagger-ui.css'

import './operations.css'
import { needsSignature, type ApiDocument, type Operation } from './document'
import { withPurpose, type TriedRequest } from './request'

// Of the immutable collections that Swagger UI keeps, what is needed here.
interface Items<T> {
  size: number
  map: (to: (item: T) => T) => Items<T>
  filter: (keep: (item: T) => boolean) => Items<T>
}
interface Item {
  getIn: (keys: string[]) => unknown
}
interface Tag {
  get: (key: 'operations') => Items<Item>
  set: (key: 'operations', operations: Items<Item>) => Tag
}

export interface Shown {
  /** Shows the operations with these ids alone; null stands for all. */
  keep: (ids: ReadonlySet<string> | null) => void
  /** Opens an operation and goes there. */
  open: (operation: Operation) => void
  /** Swagger UI itself cannot be told to end; it goes with its element. */
  end: () => void
}

export interface ShowOptions {
  document: ApiDocument
  /** Whether what reads may be tried out. */
  trying: boolean
  purpose: () => string | null
  /** An operation was opened or closed. */
  onToggle: (id: string, opened: boolean) => void
}

const nothing = () => () => null

/** Gives assistive technology and the keyboard what Swagger UI leaves out. */
function mend(host: HTMLElement): void {
  for (const row of host.querySelectorAll<HTMLElement>('tr[data-param-name]')) {
    for (const field of row.querySelectorAll(':is(input, select, textarea):not([aria-label])')) field.setAttribute('aria-label', row.dataset.paramName ?? '')
  }
  // They scroll within themselves.
  for (const box of host.querySelectorAll('pre:is(.microlight, .curl):not([tabindex])')) box.setAttribute('tabindex', '0')
}

/** Shows the document within the element. */
export function show(domNode: HTMLElement, { document, trying, purpose, onToggle }: ShowOptions): Shown {
  let kept: ReadonlySet<string> | null = null
  /** Id of the element to go to when it has been made. */
  let wanted: string | null = null

  const observer = new MutationObserver(() => {
    mend(domNode)
    const element = wanted === null ? null : window.document.getElementById(wanted)
    if (!element) return
    wanted = null
    element.scrollIntoView({ block: 'start' })
  })
  observer.observe(domNode, { childList: true, subtree: true })

  const own = {
    fn: {
      // Its own looks through tags and paths only.
      opsFilter: (tags: Items<Tag>) => {
        const ids = kept
        if (ids === null) return tags
        const keep = (item: Item) => ids.has(String(item.getIn(['operation', 'operationId'])))
        return tags.map((tag) => tag.set('operations', tag.get('operations').filter(keep))).filter((tag) => tag.get('operations').size > 0)
      },
    },
    wrapComponents: {
      // The page has a search field of its own, in the reader's language.
      FilterContainer: nothing,
      // Sessions are cookies that no script sees or sets, so there is nothing to type in here.
      AuthorizeBtnContainer: nothing,
      authorizeOperationBtn: nothing,
    },
    statePlugins: {
      spec: {
        wrapSelectors: {
          allowTryItOutFor: () => (_state: unknown, path: string, method: string) => !needsSignature(document, path, method),
        },
      },
      layout: {
        wrapActions: {
          show: (before: (thing: string | string[], shown?: boolean) => unknown) => (thing: string | string[], shown = true) => {
            if (Array.isArray(thing) && thing[0] === 'operations' && thing[2]) onToggle(thing[2], shown)
            return before(thing, shown)
          },
        },
      },
    },
  }

  const ui = SwaggerUI({
    domNode,
    spec: document,
    presets: [SwaggerUI.presets.apis],
    plugins: [own],
    layout: 'BaseLayout',
    // What it would write into the address and into the history of the browser is the router's; see `onToggle`.
    deepLinking: false,
    filter: true,
    docExpansion: 'list',
    // Schemas stand where they are used.
    defaultModelsExpandDepth: -1,
    // Nothing from elsewhere, which the content security policy forbids as well; and no sign-in is kept.
    validatorUrl: null,
    persistAuthorization: false,
    // Of its themes, one whose colours can be read on its ground.
    syntaxHighlight: { theme: 'tomorrow-night' },
    // Whoever is signed in may try out what reads: the server asks who they are and what for as it does in the console, and
    // writes it into the audit trail. What changes something is not tried out: here it would be done in earnest, to real
    // people, without the questions that the console asks before it.
    supportedSubmitMethods: trying ? ['get'] : [],
    requestInterceptor: (request: TriedRequest) => withPurpose(request, purpose()),
  })

  return {
    keep(ids) {
      kept = ids
      // Another text each time, so that it looks again.
      ui.layoutActions.updateFilter(ids === null ? true : [...ids].join(' ') || ' ')
    },
    open({ tag, id }) {
      wanted = `operations-${tag}-${id}`
      ui.layoutActions.show(['operations', tag, id], true)
    },
    end() {
      observer.disconnect()
    },
  }
}
