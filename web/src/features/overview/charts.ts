import type { EChartsCoreOption } from 'echarts/core'

import { ANIMATION, FONT, tooltip, tooltipContent, type ChartTheme } from '@/components/chart/theme'

/** A name and its figure. */
export interface Point {
  name: string
  value: number
}

interface Write {
  /** The whole figure, for the tooltip. */
  full: (value: number) => string
  /** The short one, for the axis. */
  short: (value: number) => string
}

/** Size of the words that ECharts has if nothing else is said. */
const TEXT = 12

/** Horizontal bars, in the order given, the first at the top. */
export function barOption(points: readonly Point[], write: Write, tone: 'civil' | 'warm', theme: ChartTheme): EChartsCoreOption {
  const fontSize = TEXT * theme.scale
  return {
    animation: ANIMATION,
    textStyle: { fontFamily: FONT },
    grid: { left: 4, right: 64 * theme.scale, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(theme), trigger: 'item', formatter: (item: { name: string; value: number }) => tooltipContent(item.name, write.full(item.value)) },
    xAxis: {
      type: 'value',
      splitNumber: 3,
      axisLabel: { color: theme.inkSoft, fontSize, formatter: (value: number) => write.short(value), hideOverlap: true },
      splitLine: { lineStyle: { color: theme.line } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: points.map((point) => point.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: theme.line } },
      axisLabel: { color: theme.ink, fontSize, width: 132 * theme.scale, overflow: 'truncate', interval: 0 },
    },
    series: [
      {
        type: 'bar',
        data: points.map((point) => point.value),
        barMaxWidth: 16,
        itemStyle: { color: tone === 'warm' ? theme.warm : theme.civil, borderRadius: [0, 3, 3, 0] },
        emphasis: { disabled: true },
        label: { show: true, position: 'right', color: theme.inkSoft, fontSize, formatter: (item: { value: number }) => write.short(item.value) },
      },
    ],
  }
}

/** Districts coloured by a figure. `points` carry the names that the boundaries have. */
export function mapOption(mapName: string, points: readonly Point[], write: Write, theme: ChartTheme): EChartsCoreOption {
  const values = points.map((point) => point.value)
  return {
    animation: ANIMATION,
    textStyle: { fontFamily: FONT },
    tooltip: {
      ...tooltip(theme),
      trigger: 'item',
      formatter: (item: { name: string; value: number }) => tooltipContent(item.name, Number.isNaN(item.value) ? '—' : write.full(item.value)),
    },
    visualMap: {
      type: 'continuous',
      left: 0,
      bottom: 0,
      min: Math.min(0, ...values),
      max: Math.max(1, ...values),
      itemWidth: 12,
      itemHeight: 96,
      inRange: { color: [...theme.ramp] },
      textStyle: { color: theme.inkSoft, fontSize: TEXT * theme.scale },
      formatter: (value: number) => write.short(value),
      text: [write.short(Math.max(0, ...values)), write.short(Math.min(0, ...values))],
    },
    series: [
      {
        type: 'map',
        map: mapName,
        nameProperty: 'label',
        selectedMode: false,
        // One degree of longitude is shorter than one of latitude: cos 23.1°.
        aspectScale: 0.92,
        data: points.map((point) => ({ name: point.name, value: point.value })),
        itemStyle: { borderColor: theme.surface, borderWidth: 1, areaColor: theme.area },
        left: 72,
        right: 8,
        top: 8,
        bottom: 8,
        label: { show: true, color: theme.ink, fontSize: 11 * theme.scale, textBorderColor: theme.surface, textBorderWidth: 3 },
        // The districts of the old town are small; their names stand in the tooltip and the table too.
        labelLayout: { hideOverlap: true },
        emphasis: { label: { color: theme.ink }, itemStyle: { areaColor: theme.pointed } },
      },
    ],
  }
}
