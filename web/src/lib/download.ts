/** Hands a file that was loaded to the browser's own saving. */
export function saveBlob(blob: Blob, filename: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = filename
  link.click()
  // The browser takes its own reference when the click is handled; a minute is far more than it needs.
  setTimeout(() => {
    URL.revokeObjectURL(url)
  }, 60_000)
}
