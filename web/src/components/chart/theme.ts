/** Colours and texts of charts, the same as in `styles/tokens.css` (a canvas cannot read custom properties). */
export const INK = '#263b44'
export const INK_SOFT = '#52656e'
export const LINE = '#d9e1e4'
export const CIVIL = '#10647e'
export const WARM = '#c8691f'
/** From little to much, light to dark. */
export const RAMP = ['#e9f3f6', '#c2dee6', '#93c3d1', '#62a3b6', '#36809a']

export const FONT =
  "'PingFang SC', 'HarmonyOS Sans SC', 'Microsoft YaHei', 'Source Han Sans SC', 'Noto Sans SC', 'Noto Sans CJK SC', system-ui, sans-serif"

/** A tooltip's content, made of nodes: no HTML text is parsed, so nothing in a name can become markup. */
export function tooltipContent(title: string, value: string): HTMLElement {
  const box = document.createElement('div')
  const head = document.createElement('div')
  head.textContent = title
  const body = document.createElement('strong')
  body.textContent = value
  box.append(head, body)
  return box
}

export const TOOLTIP = {
  confine: true,
  borderColor: LINE,
  textStyle: { color: INK, fontFamily: FONT, fontSize: 13 },
} as const

export const ANIMATION = typeof matchMedia === 'function' && !matchMedia('(prefers-reduced-motion: reduce)').matches
