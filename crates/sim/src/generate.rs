//! Makes a city: builds it, lives it month by month, and writes what departments deliver and what is true.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use vocab::Period;

use crate::dataset::{ALL, Dataset};
use crate::delivery::{Delivery, Outbox, Records, Verdict, write_manifest};
use crate::draw::{Hashed, Random};
use crate::entitlement::{HouseholdPolicy, PersonPolicy};
use crate::error::SimError;
use crate::errors::{Kind, Tally};
use crate::evolve;
use crate::options::{GenerateOptions, Progress, Summary};
use crate::profile::Profile;
use crate::rows;
use crate::truth::{self, Side, evaluate, learn, person_of, write_month, write_persons};
use crate::world::{self, Cause, Change, Listing, PersonIndex, World};

/// Makes a synthetic city and writes `feeds/` and `truth/` into the folder of the options.
///
/// `feeds/YYYY-MM/` holds a month's files with their `manifest.json`: the full stock first, then changes or whole rolls, as
/// each department delivers. `truth/` holds who is who and who is entitled; only the score may read it.
///
/// The same options, profile and seed give the same bytes.
///
/// # Errors
///
/// [`SimError`]: an option out of range, a profile that doesn't read, a folder that isn't empty, a file that can't be
/// written.
pub fn generate(
    options: &GenerateOptions,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Summary, SimError> {
    options.check()?;
    let profile = Profile::read(options.profile.as_deref())?;
    let (feeds, truth) = (options.out.join("feeds"), options.out.join("truth"));
    prepare(&options.out)?;
    for folder in ["records", "entitlements", "ceiling", "causes"] {
        let folder = truth.join(folder);
        fs::create_dir_all(&folder).map_err(SimError::file("create", &folder))?;
    }
    let mut world = world::build(options, profile, progress)?;
    let mut tally = Tally::default();
    let mut summary = Summary::default();
    let employers = world::settle::employers_of(options.people);
    for index in 0..i32::try_from(options.months).unwrap_or(i32::MAX) {
        world.now = world.now.plus(index - world.now.index);
        let name = world.now.to_string();
        let period = Period::parse(&name).unwrap_or(options.start);
        evolve::live(&mut world, employers);
        evolve::decide_relief(&mut world);
        let folder = feeds.join(&name);
        fs::create_dir_all(&folder).map_err(SimError::file("create", &folder))?;
        let mut records = Records::create(&truth.join("records").join(format!("{name}.csv")))?;
        let deliveries =
            deliver_month(&mut world, &folder, &name, &mut records, &mut tally, progress)?;
        records.finish()?;
        write_manifest(&folder, &name, &deliveries)?;
        let (in_truth, known) = (evaluate(&world, Side::True), evaluate(&world, Side::Known));
        let gaps = write_month(&truth, &world, &in_truth, &known)?;
        summary.periods.push(period);
        summary.rows.insert(
            period,
            deliveries.iter().map(|delivery| (delivery.dataset, delivery.rows)).collect(),
        );
        summary.entitled.insert(period, count_by_policy(&in_truth));
        summary.ceiling.insert(period, gaps);
    }
    write_persons(&truth.join("persons.csv"), &world)?;
    tally.add(&world.tally);
    summary.errors = tally.named();
    summary.people = world.people.len() as u64;
    summary.residents = world.residents().len() as u64;
    Ok(summary)
}

fn prepare(out: &Path) -> Result<(), SimError> {
    fs::create_dir_all(out).map_err(SimError::file("create", out))?;
    let mut entries = fs::read_dir(out).map_err(SimError::file("read", out))?;
    if entries.next().is_some() {
        return Err(SimError::NotEmpty { path: out.to_path_buf() });
    }
    Ok(())
}

fn count_by_policy(entitlements: &truth::Entitlements) -> BTreeMap<&'static str, u64> {
    let persons = PersonPolicy::ALL.iter().map(|policy| policy.id());
    let households = HouseholdPolicy::ALL.iter().map(|policy| policy.id());
    let mut counts: BTreeMap<&'static str, u64> =
        persons.chain(households).map(|id| (id, 0)).collect();
    for (policy, _) in entitlements.keys() {
        *counts.entry(policy).or_default() += 1;
    }
    counts
}

/// Writes all deliveries of the current month.
fn deliver_month(
    world: &mut World,
    folder: &Path,
    name: &str,
    records: &mut Records,
    tally: &mut Tally,
    progress: &mut dyn FnMut(Progress<'_>),
) -> Result<Vec<Delivery>, SimError> {
    let mut deliveries = Vec::new();
    let mut changes = take_changes(world);
    for (done, dataset) in ALL.into_iter().enumerate() {
        progress(Progress { step: name, done: done as u64, total: ALL.len() as u64 });
        let spec = dataset.spec();
        let delivery = if dataset == Dataset::PriceIndex {
            Some(deliver_prices(world, folder)?)
        } else if spec.full {
            Some(deliver_roll(world, folder, dataset, records, tally)?)
        } else {
            let changes = changes.remove(&dataset).unwrap_or_default();
            deliver_changes(world, folder, dataset, changes, records, tally)?
        };
        deliveries.extend(delivery);
    }
    progress(Progress { step: name, done: ALL.len() as u64, total: ALL.len() as u64 });
    Ok(deliveries)
}

/// The changes to deliver this month, by dataset; some of them are put off to later months.
fn take_changes(world: &mut World) -> BTreeMap<Dataset, Vec<Change>> {
    let month = world.now.index;
    let mut changes = world.outgoing.remove(&month).unwrap_or_default();
    if month == 0 {
        // The full stock shows them.
        return BTreeMap::new();
    }
    // Of several changes of one row the first in the order of causes stands for all.
    changes.sort_unstable();
    changes.dedup_by_key(|change| (change.dataset, change.slot));
    let mut result: BTreeMap<Dataset, Vec<Change>> = BTreeMap::new();
    for change in changes {
        if change.cause == Cause::Changed && change.dataset.spec().lags {
            let mut draw = Hashed::new(&[
                rows::row_hash(world.seed, change.dataset, change.slot, 0),
                0x6c61_7465,
                u64::from(month.unsigned_abs()),
            ]);
            let late = draw.chance(world.errors.not_updated);
            world.tally.count(Kind::NotUpdated, late);
            if late {
                let when = month + draw.between(1, 3);
                world.deliver_in(when, change.dataset, change.slot, Cause::ChangedLate);
                continue;
            }
        }
        result.entry(change.dataset).or_default().push(change);
    }
    result
}

fn deliver_changes(
    world: &mut World,
    folder: &Path,
    dataset: Dataset,
    mut changes: Vec<Change>,
    records: &mut Records,
    tally: &mut Tally,
) -> Result<Option<Delivery>, SimError> {
    let first = world.now.index == 0;
    if first {
        let stock = rows::stock(world, dataset);
        changes =
            stock.into_iter().map(|slot| Change { dataset, slot, cause: Cause::New }).collect();
    } else if changes.is_empty() {
        // A department that has nothing to say sends nothing.
        return Ok(None);
    }
    rows::in_random_order(&mut changes, world, dataset, |change| change.slot);
    let mut outbox = Outbox::open(folder, dataset)?;
    let month = world.now.index;
    for change in changes {
        let verdict = outbox.put(world, change.slot, Some(change.cause), month, records, tally)?;
        let person = person_of(world, dataset, change.slot);
        match verdict {
            Verdict::Readable { id_intact } => {
                learn(world, dataset, change.slot, id_intact);
                world.broken.remove(&(person, dataset));
            }
            Verdict::Broken => {
                world.broken.insert((person, dataset));
                // The department is told and sends the row again.
                let cause = Cause::Corrected;
                world.deliver_in(month + 1, dataset, change.slot, cause);
            }
        }
    }
    let kind = if first { "full" } else { "delta" };
    outbox.finish(world.now, kind).map(Some)
}

/// A roll that is delivered whole.
fn deliver_roll(
    world: &mut World,
    folder: &Path,
    dataset: Dataset,
    records: &mut Records,
    tally: &mut Tally,
) -> Result<Delivery, SimError> {
    let mut people: Vec<PersonIndex> = match dataset {
        Dataset::DibaoRoll => shown(&world.relief),
        Dataset::TekunRoll => shown(&world.tekun),
        Dataset::OrphanRoll => shown(&world.children),
        _ => shown(&world.cards),
    };
    rows::in_random_order(&mut people, world, dataset, |person| *person);
    let mut outbox = Outbox::open(folder, dataset)?;
    let mut read = Vec::new();
    for person in people {
        let (version, delivered) = match dataset {
            Dataset::DibaoRoll => state(&world.relief, person),
            Dataset::TekunRoll => state(&world.tekun, person),
            Dataset::OrphanRoll => state(&world.children, person),
            _ => state(&world.cards, person),
        };
        let was_broken = world.broken.contains(&(person, dataset));
        let cause = match (delivered, was_broken) {
            (false, _) => Some(Cause::New),
            (true, true) => Some(Cause::Corrected),
            (true, false) => None,
        };
        match outbox.put(world, person, cause, version, records, tally)? {
            Verdict::Readable { .. } => {
                world.broken.remove(&(person, dataset));
                read.push(person);
            }
            Verdict::Broken => {
                world.broken.insert((person, dataset));
            }
        }
    }
    match dataset {
        Dataset::DibaoRoll => take_in(&mut world.relief, &read),
        Dataset::TekunRoll => take_in(&mut world.tekun, &read),
        Dataset::OrphanRoll => take_in(&mut world.children, &read),
        _ => take_in(&mut world.cards, &read),
    }
    outbox.finish(world.now, "full")
}

fn shown<T>(roll: &BTreeMap<PersonIndex, Listing<T>>) -> Vec<PersonIndex> {
    roll.iter().filter(|(_, listing)| listing.shown.is_some()).map(|(person, _)| *person).collect()
}

fn state<T>(roll: &BTreeMap<PersonIndex, Listing<T>>, person: PersonIndex) -> (i32, bool) {
    roll.get(&person).map_or((0, false), |listing| (listing.version, listing.delivered))
}

/// Learns from a whole roll: what was read stands, what isn't in it any more has ended, what couldn't be read stays as it was.
fn take_in<T: Copy>(roll: &mut BTreeMap<PersonIndex, Listing<T>>, read: &[PersonIndex]) {
    for person in read {
        if let Some(listing) = roll.get_mut(person) {
            listing.known = listing.shown;
        }
    }
    for listing in roll.values_mut() {
        if listing.shown.is_none() {
            listing.known = None;
        } else {
            listing.delivered = true;
        }
    }
}

fn deliver_prices(world: &World, folder: &Path) -> Result<Delivery, SimError> {
    const MONTHS_BEFORE: i32 = 12;
    let mut outbox = Outbox::open(folder, Dataset::PriceIndex)?;
    for index in -MONTHS_BEFORE..=world.now.index {
        let month = world.now.plus(index - world.now.index);
        let place = usize::try_from(month.month - 1).unwrap_or_default();
        let prices = &world.profile.prices;
        let percent =
            |table: &[f64; 12]| format!("{:.1}", table.get(place).copied().unwrap_or_default());
        outbox.put_plain(&[&month.to_string(), &percent(&prices.cpi), &percent(&prices.food)])?;
    }
    outbox.finish(world.now, "full")
}
