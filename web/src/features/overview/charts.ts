import type { EChartsCoreOption } from 'echarts/core'

import { ANIMATION, CIVIL, FONT, INK, INK_SOFT, LINE, RAMP, TOOLTIP, WARM, tooltipContent } from '@/components/chart/theme'

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

/** Horizontal bars, in the order given, the first at the top. */
export function barOption(points: readonly Point[], write: Write, tone: 'civil' | 'warm'): EChartsCoreOption {
  return {
    animation: ANIMATION,
    textStyle: { fontFamily: FONT },
    grid: { left: 4, right: 64, top: 4, bottom: 4, containLabel: true },
    tooltip: { ...TOOLTIP, trigger: 'item', formatter: (item: { name: string; value: number }) => tooltipContent(item.name, write.full(item.value)) },
    xAxis: {
      type: 'value',
      splitNumber: 3,
      axisLabel: { color: INK_SOFT, formatter: (value: number) => write.short(value), hideOverlap: true },
      splitLine: { lineStyle: { color: LINE } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: points.map((point) => point.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: LINE } },
      axisLabel: { color: INK, width: 132, overflow: 'truncate', interval: 0 },
    },
    series: [
      {
        type: 'bar',
        data: points.map((point) => point.value),
        barMaxWidth: 16,
        itemStyle: { color: tone === 'warm' ? WARM : CIVIL, borderRadius: [0, 3, 3, 0] },
        emphasis: { disabled: true },
        label: { show: true, position: 'right', color: INK_SOFT, formatter: (item: { value: number }) => write.short(item.value) },
      },
    ],
  }
}

/** Districts coloured by a figure. `points` carry the names that the boundaries have. */
export function mapOption(mapName: string, points: readonly Point[], write: Write): EChartsCoreOption {
  const values = points.map((point) => point.value)
  return {
    animation: ANIMATION,
    textStyle: { fontFamily: FONT },
    tooltip: {
      ...TOOLTIP,
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
      inRange: { color: RAMP },
      textStyle: { color: INK_SOFT },
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
        itemStyle: { borderColor: '#ffffff', borderWidth: 1, areaColor: '#eef2f3' },
        left: 72,
        right: 8,
        top: 8,
        bottom: 8,
        label: { show: true, color: INK, fontSize: 11, textBorderColor: '#ffffff', textBorderWidth: 3 },
        // The districts of the old town are small; their names stand in the tooltip and the table too.
        labelLayout: { hideOverlap: true },
        emphasis: { label: { color: INK }, itemStyle: { areaColor: '#f3c493' } },
      },
    ],
  }
}
