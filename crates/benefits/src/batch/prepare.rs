//! Preparing: which payments a period still needs, with checks, in one batch.

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::audit::{self, Act};
use store::begin_write;
use store::bulk::{Bulk, OnConflict};
use store::sea_orm::{
    self, ActiveValue, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait,
    FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Statement,
};
use vocab::Period;

use super::instructed::instructed_fen;
use super::refresh::refresh;
use super::{content, load};
use crate::BenefitsError;
use crate::entity::{batch, payment};
use crate::ids;
use crate::model::{BatchState, Delivery, PaymentState};

/// Mark of a payment whose account several people of the batch share.
const SHARED_ACCOUNT: &str = "shared_account";

/// A batch that waits for approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prepared {
    /// The batch.
    pub batch_id: String,
    /// Its state; `approved` when its content did not change since it was approved.
    pub state: BatchState,
    /// Number of payments.
    pub items: i64,
    /// Their sum.
    pub amount_fen: i64,
    /// Hash of its content; approvals are bound to it.
    pub hash: String,
    /// Payments to an account that several people of the batch share: to be looked at before
    /// approving, since a guardian's account is in order and a swindler's is not.
    pub shared_account: i64,
}

/// Prepares the batch of a period anew, or returns it as it is when its content stays the same.
///
/// It holds a payment for each due item that can be paid and of which something has not been
/// instructed yet: the difference between what is due and what has gone out. A payment that was
/// refused or sent back is made again when another account is known.
///
/// `None` when nothing is to be paid.
///
/// # Errors
///
/// When the database fails.
pub async fn prepare(
    db: &DatabaseConnection,
    period: Period,
    by: &str,
    at: Timestamp,
) -> Result<Option<Prepared>, BenefitsError> {
    let transaction = begin_write(db).await?;
    load::alone(&transaction).await?;
    let payable = payable(&transaction, period).await?;
    let made = prepare_in(&transaction, period, payable, by, at).await?;
    refresh(&transaction, &period.to_string(), None).await?;
    transaction.commit().await.map_err(BenefitsError::db("commit the batch"))?;
    Ok(made.prepared)
}

/// A due item that can be paid, and where to.
#[derive(FromQueryResult)]
pub(crate) struct Payable {
    pub(crate) policy: String,
    pub(crate) subject_id: String,
    pub(crate) division: String,
    pub(crate) due_fen: i64,
    pub(crate) due_item_id: String,
    pub(crate) revision: i32,
    pub(crate) person_id: String,
    pub(crate) name: String,
    pub(crate) account: String,
    pub(crate) account_token: String,
}

/// A batch as it was prepared.
pub(crate) struct Made {
    pub(crate) prepared: Option<Prepared>,
    pub(crate) payments: Vec<payment::Model>,
    /// Whether these payments are the period's first, and wait for approval.
    pub(crate) first: bool,
}

/// As [`prepare`], inside the caller's transaction, of what the caller knows to be payable. What the
/// lists say of the payments is left to the caller.
pub(crate) async fn prepare_in<C: ConnectionTrait>(
    db: &C,
    period: Period,
    payable: Vec<Payable>,
    by: &str,
    at: Timestamp,
) -> Result<Made, BenefitsError> {
    let open = unsent(db, period).await?;
    let id = match &open {
        Some(batch) => batch.id.clone(),
        None => ids::batch(period, last_ordinal(db, period).await? + 1),
    };
    let earlier = earlier(db, period, &id).await?;
    let payments = payments(db, period, &id, payable, &earlier).await?;
    let hash = content::hash(&id, &payments);
    if let Some(batch) = &open
        && batch.hash == hash
        && content::hash(&id, &load::payments(db, &id).await?) == hash
    {
        let prepared = Some(summary(batch.clone(), &payments)?);
        // They may be approved.
        return Ok(Made { prepared, payments, first: false });
    }
    if open.is_some() {
        clear(db, &id).await?;
    }
    let prepared = if payments.is_empty() {
        None
    } else {
        let batch = write(db, period, &id, hash, &payments).await?;
        Some(summary(batch, &payments)?)
    };
    if open.is_some() || prepared.is_some() {
        let act = Act {
            who: by,
            what: "batch.prepare",
            subject: &format!("batch:{id}"),
            at,
            purpose: "payment of the period",
        };
        let detail = serde_json::json!({
            "items": prepared.as_ref().map(|one| one.items),
            "amount_fen": prepared.as_ref().map(|one| one.amount_fen),
            "hash": prepared.as_ref().map(|one| one.hash.as_str()),
            "replaced": open.as_ref().map(|one| one.hash.as_str()),
        });
        audit::record(db, act, &detail).await?;
    }
    Ok(Made { prepared, payments, first: earlier.attempts.is_empty() })
}

/// The batch of the period that was not sent yet. There is one at most.
async fn unsent<C: ConnectionTrait>(
    db: &C,
    period: Period,
) -> Result<Option<batch::Model>, BenefitsError> {
    let found = batch::Entity::find()
        .filter(batch::Column::Period.eq(period.to_string()))
        .filter(
            batch::Column::State
                .is_in([BatchState::Prepared.as_str(), BatchState::Approved.as_str()]),
        )
        .one(db)
        .await
        .map_err(BenefitsError::db("look for the period's batch"))?;
    match found {
        // Locked, so that nobody approves or sends it meanwhile; it may have been sent just now.
        Some(batch) => {
            let batch = load::locked(db, &batch.id).await?;
            let state = load::state(&batch)?;
            Ok(matches!(state, BatchState::Prepared | BatchState::Approved).then_some(batch))
        }
        None => Ok(None),
    }
}

async fn last_ordinal<C: ConnectionTrait>(db: &C, period: Period) -> Result<i32, BenefitsError> {
    let last: Option<i32> = batch::Entity::find()
        .select_only()
        .column(batch::Column::Ordinal)
        .filter(batch::Column::Period.eq(period.to_string()))
        .order_by_desc(batch::Column::Ordinal)
        .limit(1)
        .into_tuple()
        .one(db)
        .await
        .map_err(BenefitsError::db("number the batch"))?;
    Ok(last.unwrap_or(0))
}

/// What the period's lists say can be paid.
async fn payable<C: ConnectionTrait>(
    db: &C,
    period: Period,
) -> Result<Vec<Payable>, BenefitsError> {
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT e.policy, e.subject_id, e.division, e.due_fen, e.due_item_id, d.revision, \
         e.person_id, p.name, p.account, p.account_token \
         FROM list_entry e JOIN due_item d ON d.id = e.due_item_id \
         JOIN payee p ON p.person_id = e.person_id \
         WHERE e.period = $1 AND e.hold IS NULL AND e.due_fen > 0 \
         AND p.account IS NOT NULL AND p.account_token IS NOT NULL",
        [period.to_string().into()],
    );
    Payable::find_by_statement(statement)
        .all(db)
        .await
        .map_err(BenefitsError::db("read what can be paid"))
}

/// The payments that the period still needs, numbered in the order of policy, division, subject.
async fn payments<C: ConnectionTrait>(
    db: &C,
    period: Period,
    batch_id: &str,
    mut payable: Vec<Payable>,
    earlier: &Earlier,
) -> Result<Vec<payment::Model>, BenefitsError> {
    payable.sort_unstable_by(|one, other| {
        (&one.policy, &one.division, &one.subject_id).cmp(&(
            &other.policy,
            &other.division,
            &other.subject_id,
        ))
    });
    let instructed = instructed_fen(db, period, Some(batch_id)).await?;
    let mut payments = Vec::new();
    for one in payable {
        let key = (one.policy.clone(), one.subject_id.clone());
        let amount = one.due_fen - instructed.get(&key).copied().unwrap_or_default();
        // Less than nothing is left: too much has gone out. The lists raise the alarm.
        if amount <= 0 || earlier.failed.contains(&(key, one.account_token.clone())) {
            continue;
        }
        let attempt = earlier.attempts.get(&one.due_item_id).copied().unwrap_or_default() + 1;
        payments.push(payment::Model {
            instruction_id: ids::instruction(&one.due_item_id, one.revision, attempt),
            batch_id: batch_id.to_owned(),
            seq: payments.len() as i64 + 1,
            due_item_id: one.due_item_id,
            revision: one.revision,
            attempt,
            policy: one.policy,
            subject_id: one.subject_id,
            period: period.to_string(),
            person_id: one.person_id,
            name: one.name,
            division: one.division,
            account: one.account,
            account_token: one.account_token,
            amount_fen: amount,
            flags: String::new(),
            state: PaymentState::Prepared.as_str().to_owned(),
            code: None,
            settled_on: None,
        });
    }
    flag_shared_accounts(&mut payments);
    Ok(payments)
}

/// What became of earlier payments of the period.
struct Earlier {
    /// Latest attempt by due item.
    attempts: HashMap<String, i32>,
    /// Policy and subject with the account that a payment was refused or sent back from.
    failed: HashSet<((String, String), String)>,
}

async fn earlier<C: ConnectionTrait>(
    db: &C,
    period: Period,
    except: &str,
) -> Result<Earlier, BenefitsError> {
    let rows: Vec<(String, i32, String, String, String, String)> = payment::Entity::find()
        .select_only()
        .column(payment::Column::DueItemId)
        .column(payment::Column::Attempt)
        .column(payment::Column::State)
        .column(payment::Column::Policy)
        .column(payment::Column::SubjectId)
        .column(payment::Column::AccountToken)
        .filter(payment::Column::Period.eq(period.to_string()))
        .filter(payment::Column::BatchId.ne(except))
        .into_tuple()
        .all(db)
        .await
        .map_err(BenefitsError::db("read the period's earlier payments"))?;
    let mut earlier = Earlier { attempts: HashMap::new(), failed: HashSet::new() };
    for (due_item, attempt, state, policy, subject, token) in rows {
        let latest = earlier.attempts.entry(due_item).or_default();
        *latest = attempt.max(*latest);
        if matches!(
            PaymentState::parse(&state),
            Some(PaymentState::Rejected | PaymentState::Returned)
        ) {
            earlier.failed.insert(((policy, subject), token));
        }
    }
    Ok(earlier)
}

fn flag_shared_accounts(payments: &mut [payment::Model]) {
    let mut people: HashMap<&str, HashSet<&str>> = HashMap::new();
    for payment in payments.iter() {
        people.entry(&payment.account_token).or_default().insert(&payment.person_id);
    }
    let shared: HashSet<String> = people
        .into_iter()
        .filter(|(_, people)| people.len() > 1)
        .map(|(token, _)| token.to_owned())
        .collect();
    for payment in payments.iter_mut().filter(|one| shared.contains(&one.account_token)) {
        payment.flags = SHARED_ACCOUNT.to_owned();
    }
}

/// Takes an unsent batch apart. Approvals stay: they are bound to the content that they were
/// given for, and count for no other.
async fn clear<C: ConnectionTrait>(db: &C, id: &str) -> Result<(), BenefitsError> {
    payment::Entity::delete_many()
        .filter(payment::Column::BatchId.eq(id))
        .exec(db)
        .await
        .map_err(BenefitsError::db("take the batch apart"))?;
    batch::Entity::delete_by_id(id)
        .exec(db)
        .await
        .map_err(BenefitsError::db("take the batch apart"))?;
    Ok(())
}

const TABLE: Bulk<'static> = Bulk {
    table: "payment",
    columns: &[
        "instruction_id",
        "batch_id",
        "seq",
        "due_item_id",
        "revision",
        "attempt",
        "policy",
        "subject_id",
        "period",
        "person_id",
        "name",
        "division",
        "account",
        "account_token",
        "amount_fen",
        "flags",
        "state",
        "code",
        "settled_on",
    ],
    on_conflict: OnConflict::Fail,
};

async fn write<C: ConnectionTrait>(
    db: &C,
    period: Period,
    id: &str,
    hash: String,
    payments: &[payment::Model],
) -> Result<batch::Model, BenefitsError> {
    let rows = payments.iter().map(|one| {
        vec![
            one.instruction_id.as_str().into(),
            one.batch_id.as_str().into(),
            one.seq.into(),
            one.due_item_id.as_str().into(),
            one.revision.into(),
            one.attempt.into(),
            one.policy.as_str().into(),
            one.subject_id.as_str().into(),
            one.period.as_str().into(),
            one.person_id.as_str().into(),
            one.name.as_str().into(),
            one.division.as_str().into(),
            one.account.as_str().into(),
            one.account_token.as_str().into(),
            one.amount_fen.into(),
            one.flags.as_str().into(),
            one.state.as_str().into(),
            one.code.clone().into(),
            one.settled_on.clone().into(),
        ]
    });
    TABLE.write(db, rows).await?;
    let amount_fen = payments
        .iter()
        .try_fold(0_i64, |sum, one| sum.checked_add(one.amount_fen))
        .ok_or_else(|| BenefitsError::Amount { what: format!("batch {id}") })?;
    let ordinal = id.rsplit('-').next().and_then(|text| text.parse().ok()).unwrap_or(1);
    let model = batch::Model {
        id: id.to_owned(),
        period: period.to_string(),
        ordinal,
        state: BatchState::Prepared.as_str().to_owned(),
        delivery: Delivery::None.as_str().to_owned(),
        items: payments.len() as i64,
        amount_fen,
        hash,
        channel: None,
        sent_at: None,
    };
    let row = batch::ActiveModel {
        id: ActiveValue::Set(model.id.clone()),
        period: ActiveValue::Set(model.period.clone()),
        ordinal: ActiveValue::Set(model.ordinal),
        state: ActiveValue::Set(model.state.clone()),
        delivery: ActiveValue::Set(model.delivery.clone()),
        items: ActiveValue::Set(model.items),
        amount_fen: ActiveValue::Set(model.amount_fen),
        hash: ActiveValue::Set(model.hash.clone()),
        channel: ActiveValue::Set(None),
        sent_at: ActiveValue::Set(None),
    };
    batch::Entity::insert(row)
        .exec_without_returning(db)
        .await
        .map_err(BenefitsError::db("write the batch"))?;
    Ok(model)
}

fn summary(batch: batch::Model, payments: &[payment::Model]) -> Result<Prepared, BenefitsError> {
    Ok(Prepared {
        state: load::state(&batch)?,
        batch_id: batch.id,
        items: batch.items,
        amount_fen: batch.amount_fen,
        hash: batch.hash,
        shared_account: payments.iter().filter(|one| one.flags == SHARED_ACCOUNT).count() as i64,
    })
}
