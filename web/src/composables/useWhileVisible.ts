import { onBeforeUnmount, onMounted } from 'vue'

/** Does something now and at every interval while the window can be seen, and at once when it is seen again after longer. */
export function useWhileVisible(act: () => void, everyMs: number): void {
  let last = 0
  let timer: ReturnType<typeof setInterval> | undefined

  function due(): void {
    // By the clock and not by counting: a window that is not seen has its timers held.
    if (document.visibilityState !== 'visible' || Date.now() - last < everyMs) return
    last = Date.now()
    act()
  }

  onMounted(() => {
    due()
    timer = setInterval(due, everyMs)
    document.addEventListener('visibilitychange', due)
  })
  onBeforeUnmount(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', due)
  })
}
