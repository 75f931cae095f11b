import type { Messages } from '..'
import { accounts } from './accounts'
import { batches } from './batches'
import { clients } from './clients'
import { inbox } from './inbox'
import { lists } from './lists'
import { notices } from './notices'
import { oidc } from './oidc'
import { organisations } from './organisations'
import { overview } from './overview'
import { ownAccount } from './own-account'
import { people } from './people'
import { person } from './person'
import { portal } from './portal'
import { problems } from './problems'
import { quarantine } from './quarantine'
import { reference } from './reference'
import { reviews } from './reviews'
import { shell } from './shell'
import { terms } from './terms'
import { trail } from './trail'

export const en: Messages = {
  ...shell,
  ...terms,
  ...problems,
  ...ownAccount,
  ...oidc,
  ...portal,
  ...reference,
  ...overview,
  ...inbox,
  ...notices,
  ...people,
  ...person,
  ...quarantine,
  ...reviews,
  ...lists,
  ...batches,
  ...accounts,
  ...organisations,
  ...clients,
  ...trail,
}
