import type { CodeRequest } from '@/api/types'

/** An identity number without the spaces that it is typed with. */
export function tidiedNumber(typed: string): string {
  return typed.replace(/\s/g, '').toUpperCase()
}

/** Who somebody says they are, without the spaces and dashes that numbers are typed and kept with. */
export function tidied(who: CodeRequest): CodeRequest {
  return {
    id_number: tidiedNumber(who.id_number),
    name: who.name.trim(),
    phone: who.phone.replace(/[\s-]/g, ''),
  }
}
