/** The package has no types; this is what is used of it. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface SwaggerSystem {
    layoutActions: {
      show: (thing: string[], shown: boolean) => void
      updateFilter: (filter: string | boolean) => void
    }
  }
  const SwaggerUI: ((options: Record<string, unknown>) => SwaggerSystem) & { presets: { apis: unknown } }
  export default SwaggerUI
}
