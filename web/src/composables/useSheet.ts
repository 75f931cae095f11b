import { onBeforeUnmount, onMounted, ref, useId, useTemplateRef, type Ref, type TemplateRef } from 'vue'

export interface Sheet {
  /** Of what opens; the button names it as `aria-controls`. */
  id: string
  open: Ref<boolean>
  button: TemplateRef<HTMLButtonElement>
  /** The keyboard has gone on to something else. */
  leave: (event: FocusEvent) => void
  /** Closes, and gives the keyboard back to the button. */
  close: () => void
}

/**
 * Something that a button opens beside itself and that closes when the reader goes on to something else. In the template, `opener`
 * is the ref of the button, and `sheet` of what holds both.
 */
export function useSheet(): Sheet {
  const id = useId()
  const open = ref<boolean>(false)
  const root = useTemplateRef<HTMLElement>('sheet')
  const button = useTemplateRef<HTMLButtonElement>('opener')

  function isInside(target: EventTarget | null): boolean {
    return target instanceof Node && root.value?.contains(target) === true
  }

  function closeOutside(event: Event): void {
    if (!isInside(event.target)) open.value = false
  }
  onMounted(() => {
    document.addEventListener('pointerdown', closeOutside)
  })
  onBeforeUnmount(() => {
    document.removeEventListener('pointerdown', closeOutside)
  })

  return {
    id,
    open,
    button,
    leave: (event) => {
      if (event.relatedTarget && !isInside(event.relatedTarget)) open.value = false
    },
    close: () => {
      if (!open.value) return
      open.value = false
      button.value?.focus()
    },
  }
}
