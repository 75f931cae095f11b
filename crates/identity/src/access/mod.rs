//! Who may do what: policies of Cedar in `policies/`, checked against their schema when the program starts.
//!
//! Whether somebody may do something follows from their role, the division of what they look at, the
//! purpose that they look for, and how sensitive it is. This module only asks; what the answer is stands in the text files.

mod action;

use std::collections::{HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, Policy,
    PolicyId, PolicySet, Request, RestrictedExpression, Schema, ValidationMode, Validator,
};
use vocab::DivisionCode;

pub use self::action::{Action, Affair, Standing};
use crate::{Purpose, Role};

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");
const POLICIES: [(&str, &str); 8] = [
    ("general.cedar", include_str!("../../policies/general.cedar")),
    ("people.cedar", include_str!("../../policies/people.cedar")),
    ("lists.cedar", include_str!("../../policies/lists.cedar")),
    ("data.cedar", include_str!("../../policies/data.cedar")),
    ("work.cedar", include_str!("../../policies/work.cedar")),
    ("administration.cedar", include_str!("../../policies/administration.cedar")),
    ("citizens.cedar", include_str!("../../policies/citizens.cedar")),
    ("partners.cedar", include_str!("../../policies/partners.cedar")),
];
/// The role that all have in common.
const STAFF: &str = "staff";
/// The role that the three administrators have in common.
const ADMINISTRATOR: &str = "administrator";

/// Why the access policies can't be used.
#[derive(Debug, thiserror::Error)]
#[error("access policies, `{file}`: {reason}")]
pub struct AccessError {
    /// The file.
    file: &'static str,
    /// What is wrong with it.
    reason: String,
}

/// Somebody who asks.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    /// Their name.
    pub username: &'a str,
    /// What they are employed for.
    pub roles: &'a [Role],
    /// Where their organisation works.
    pub division: Option<&'a DivisionCode>,
    /// What they look for, of the purposes that are granted to them now.
    pub purpose: Option<Purpose>,
}

/// What is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target<'a> {
    /// The division that it is about.
    pub division: &'a DivisionCode,
    /// The highest sensitivity level that is shown, 1 to 4.
    pub level: u8,
}

/// The policies, ready to be asked.
#[derive(Debug)]
pub struct Access {
    authorizer: Authorizer,
    schema: Schema,
    policies: PolicySet,
    types: Types,
}

#[derive(Debug)]
struct Types {
    user: EntityTypeName,
    role: EntityTypeName,
    division: EntityTypeName,
    data: EntityTypeName,
    action: EntityTypeName,
    citizen: EntityTypeName,
    affairs: EntityTypeName,
    client: EntityTypeName,
}

impl Access {
    /// Reads the policies that the program carries.
    ///
    /// # Errors
    ///
    /// [`AccessError`] when one of them is no policy or does not fit the schema.
    pub fn new() -> Result<Self, AccessError> {
        let schema_file = "schema.cedarschema";
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA)
            .map_err(|error| AccessError { file: schema_file, reason: error.to_string() })?;
        let validator = Validator::new(schema.clone());
        let mut policies = PolicySet::new();
        for (file, text) in POLICIES {
            let failed = |reason: String| AccessError { file, reason };
            let read = PolicySet::from_str(text).map_err(|error| failed(error.to_string()))?;
            let checked = validator.validate(&read, ValidationMode::Strict);
            if !checked.validation_passed() {
                return Err(failed(checked.to_string()));
            }
            for policy in read.policies() {
                let id = policy
                    .annotation("id")
                    .ok_or_else(|| failed("a policy has no @id".to_owned()))?;
                let named: Policy = policy.new_id(PolicyId::new(id));
                policies.add(named).map_err(|error| failed(error.to_string()))?;
            }
        }
        let kind = |name: &str| {
            EntityTypeName::from_str(name)
                .map_err(|error| AccessError { file: schema_file, reason: error.to_string() })
        };
        Ok(Self {
            authorizer: Authorizer::new(),
            schema,
            policies,
            types: Types {
                user: kind("User")?,
                role: kind("Role")?,
                division: kind("Division")?,
                data: kind("Data")?,
                action: kind("Action")?,
                citizen: kind("Citizen")?,
                affairs: kind("Affairs")?,
                client: kind("Client")?,
            },
        })
    }

    /// Whether somebody may do something. What can't be worked out is refused.
    #[must_use]
    pub fn allows(&self, asker: &Asker<'_>, action: Action, target: &Target<'_>) -> bool {
        self.ask(asker, action, target).is_some_and(|decision| decision == Decision::Allow)
    }

    /// Whether a person who stands so to another one may ask this about them. What can't be worked out is refused.
    #[must_use]
    pub fn allows_person(
        &self,
        person: &str,
        affair: Affair,
        of: &str,
        standing: Standing,
    ) -> bool {
        let decision = self.ask_person(person, affair, of, standing);
        decision.is_some_and(|decision| decision == Decision::Allow)
    }

    /// Whether a partner's program, of an organisation that works in `own`, may ask about something; `agreed`: whether an
    /// agreement says so. What can't be worked out is refused.
    #[must_use]
    pub fn allows_client(
        &self,
        client: &str,
        own: &DivisionCode,
        agreed: bool,
        target: &Target<'_>,
    ) -> bool {
        let decision = self.ask_client(client, own, agreed, target);
        decision.is_some_and(|decision| decision == Decision::Allow)
    }

    fn ask_client(
        &self,
        client: &str,
        own: &DivisionCode,
        agreed: bool,
        target: &Target<'_>,
    ) -> Option<Decision> {
        let types = &self.types;
        let client = uid(&types.client, client);
        let data = uid(&types.data, "asked");
        let own = RestrictedExpression::new_entity_uid(uid(&types.division, own.as_str()));
        let of_client = HashMap::from([("division".to_owned(), own)]);
        let mut entities = self.data(data.clone(), target)?;
        entities.push(Entity::new(client.clone(), of_client, HashSet::new()).ok()?);
        let agreed = RestrictedExpression::new_bool(agreed);
        let request = Request::new(
            client,
            uid(&types.action, "verification.ask"),
            data,
            Context::from_pairs([("agreed".to_owned(), agreed)]).ok()?,
            Some(&self.schema),
        )
        .ok()?;
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.policies, &entities).decision())
    }

    /// What is asked about, in its division and all above it.
    fn data(&self, data: EntityUid, target: &Target<'_>) -> Option<Vec<Entity>> {
        let types = &self.types;
        let level = RestrictedExpression::new_long(i64::from(target.level));
        let of_data = HashMap::from([("level".to_owned(), level)]);
        let place = uid(&types.division, target.division.as_str());
        let mut entities = vec![Entity::new(data, of_data, HashSet::from([place])).ok()?];
        let mut below = Some(*target.division);
        while let Some(division) = below {
            let above = division.parent();
            let parents = above.iter().map(|above| uid(&types.division, above.as_str())).collect();
            let division = uid(&types.division, division.as_str());
            entities.push(Entity::new(division, HashMap::new(), parents).ok()?);
            below = above;
        }
        Some(entities)
    }

    fn ask_person(
        &self,
        person: &str,
        affair: Affair,
        of: &str,
        standing: Standing,
    ) -> Option<Decision> {
        let word = RestrictedExpression::new_string(standing.as_str().to_owned());
        let request = Request::new(
            uid(&self.types.citizen, person),
            uid(&self.types.action, affair.as_str()),
            uid(&self.types.affairs, of),
            Context::from_pairs([("standing".to_owned(), word)]).ok()?,
            Some(&self.schema),
        )
        .ok()?;
        let entities = Entities::from_entities([], Some(&self.schema)).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.policies, &entities).decision())
    }

    fn ask(&self, asker: &Asker<'_>, action: Action, target: &Target<'_>) -> Option<Decision> {
        let types = &self.types;
        let user = uid(&types.user, asker.username);
        let data = uid(&types.data, "asked");
        let mut entities = Vec::new();

        let mut of_user = HashMap::new();
        if let Some(division) = asker.division {
            let division = uid(&types.division, division.as_str());
            of_user.insert("division".to_owned(), RestrictedExpression::new_entity_uid(division));
        }
        let roles = asker.roles.iter().map(|role| uid(&types.role, role.as_str()));
        entities.push(Entity::new(user.clone(), of_user, roles.collect()).ok()?);
        for role in asker.roles {
            let mut above = HashSet::from([uid(&types.role, STAFF)]);
            above.extend(role.is_administrator().then(|| uid(&types.role, ADMINISTRATOR)));
            let role = uid(&types.role, role.as_str());
            entities.push(Entity::new(role, HashMap::new(), above).ok()?);
        }

        entities.extend(self.data(data.clone(), target)?);

        let mut context = Vec::new();
        if let Some(purpose) = asker.purpose {
            let purpose = RestrictedExpression::new_string(purpose.as_str().to_owned());
            context.push(("purpose".to_owned(), purpose));
        }
        let request = Request::new(
            user,
            uid(&types.action, action.as_str()),
            data,
            Context::from_pairs(context).ok()?,
            Some(&self.schema),
        )
        .ok()?;
        // With the schema come the groups of actions, and what does not fit it is refused.
        let entities = Entities::from_entities(entities, Some(&self.schema)).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.policies, &entities).decision())
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}
