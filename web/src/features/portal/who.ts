import type { CodeRequest } from '@/api/types'

/** Who somebody says they are, without the spaces and dashes that numbers are typed and kept with. */
export function tidied(who: CodeRequest): CodeRequest {
  return {
    id_number: who.id_number.replace(/\s/g, '').toUpperCase(),
    name: who.name.trim(),
    phone: who.phone.replace(/[\s-]/g, ''),
  }
}
