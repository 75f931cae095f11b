/** Colours and texts of charts, the same as in `styles/tokens.css` (a canvas cannot read custom properties). */
export interface ChartTheme {
  ink: string
  inkSoft: string
  line: string
  surface: string
  civil: string
  warm: string
  /** From little to much, from the surface's own lightness away. */
  ramp: readonly string[]
  /** A district without a figure. */
  area: string
  /** What is pointed at. */
  pointed: string
  /** How large type is; 1 is usual. */
  scale: number
}

type Colours = Omit<ChartTheme, 'scale'>

const LIGHT: Colours = {
  ink: '#263b44',
  inkSoft: '#52656e',
  line: '#d9e1e4',
  surface: '#ffffff',
  civil: '#10647e',
  warm: '#c8691f',
  ramp: ['#e9f3f6', '#c2dee6', '#93c3d1', '#62a3b6', '#36809a'],
  area: '#eef2f3',
  pointed: '#f3c493',
}

const DARK: Colours = {
  ink: '#cfdde2',
  inkSoft: '#9fb4bd',
  line: '#2c3f48',
  surface: '#17242a',
  civil: '#7fc0d2',
  warm: '#dc8a45',
  ramp: ['#1d3641', '#235060', '#2b6a7f', '#34849d', '#409eba'],
  area: '#1c2b32',
  pointed: '#7d4c1f',
}

export function chartTheme(dark: boolean, scale: number): ChartTheme {
  return { ...(dark ? DARK : LIGHT), scale }
}

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

export function tooltip(theme: ChartTheme) {
  return {
    confine: true,
    backgroundColor: theme.surface,
    borderColor: theme.line,
    textStyle: { color: theme.ink, fontFamily: FONT, fontSize: 13 * theme.scale },
  } as const
}

export const ANIMATION = typeof matchMedia === 'function' && !matchMedia('(prefers-reduced-motion: reduce)').matches
