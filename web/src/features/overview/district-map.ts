import type { LocalText, MapCollection } from '@/api/types'

/** The boundaries with a `label` in the language that is shown: what ECharts joins figures to. */
export function labelledMap(map: MapCollection, text: (name: LocalText) => string): MapCollection {
  return {
    ...map,
    features: map.features.map((feature) => {
      const label = text(feature.properties.name)
      return { ...feature, properties: { ...feature.properties, label } }
    }),
  }
}
