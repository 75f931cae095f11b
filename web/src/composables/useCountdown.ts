import { onScopeDispose, ref, type Ref } from 'vue'

/** Seconds that are left until something may be done again; 0 if it may. */
export function useCountdown(): { left: Ref<number>; start: (seconds: number) => void } {
  const left = ref<number>(0)
  let end = 0
  let timer: ReturnType<typeof setInterval> | undefined

  // By the clock and not by counting: a telephone that sleeps holds the timers.
  function tick(): void {
    left.value = Math.max(0, Math.ceil((end - Date.now()) / 1000))
    if (left.value === 0) clearInterval(timer)
  }

  function start(seconds: number): void {
    clearInterval(timer)
    end = Date.now() + seconds * 1000
    timer = setInterval(tick, 1000)
    tick()
  }

  onScopeDispose(() => {
    clearInterval(timer)
  })

  return { left, start }
}
