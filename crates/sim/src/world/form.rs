//! Forms families out of people whose ages follow the pyramid exactly: couples first, then children to couples, then
//! elders to their children, and the rest alone or together.

use crate::draw::{Random, Stream, Weights};
use crate::profile::Profile;

/// No one, in a draft.
pub(super) const NO: usize = usize::MAX;

/// People of one block and who belongs to whom; indices are into the block.
pub(super) struct Draft {
    pub(super) people: Vec<Drafted>,
    /// Each family with its head first.
    pub(super) families: Vec<Vec<usize>>,
}

/// One person of a draft.
#[derive(Debug, Clone, Copy)]
pub(super) struct Drafted {
    pub(super) age: i32,
    pub(super) male: bool,
    pub(super) spouse: usize,
    pub(super) mother: usize,
    pub(super) father: usize,
    /// The twin born before this one.
    pub(super) twin_of: usize,
}

/// Ages go up to here.
const OLDEST: usize = 112;
const CHILDREN_AT_MOST: usize = 4;

/// Drafts a block of `size` people.
///
/// * `kind`: 0 for the registered, 1 for the others: the column of the profile's figures.
pub(super) fn draft(size: usize, kind: usize, profile: &Profile, random: &mut Stream) -> Draft {
    let mut people = draw_people(size, kind, profile, random);
    let mut in_family = vec![NO; size];
    let mut families: Vec<Vec<usize>> = Vec::new();
    marry(&mut people, &mut in_family, &mut families, kind, profile, random);
    give_children(&mut people, &mut in_family, &mut families, kind, profile, random);
    take_in_elders(&mut people, &mut in_family, &mut families, kind, profile, random);
    settle_the_rest(&people, &mut in_family, &mut families, kind, profile, random);
    families.retain(|family| !family.is_empty());
    Draft { people, families }
}

fn draw_people(size: usize, kind: usize, profile: &Profile, random: &mut Stream) -> Vec<Drafted> {
    let groups = &profile.population.ages;
    let weights = Weights::new(
        groups
            .iter()
            .map(|(_, _, registered, others)| if kind == 0 { *registered } else { *others }),
    );
    let ratios = &profile.population.men_per_100_women;
    (0..size)
        .map(|_| {
            let (from, to, ..) =
                groups.get(weights.draw(random)).copied().unwrap_or((30, 34, 0.0, 0.0));
            // Within the oldest groups the younger years are the fuller ones.
            let span = to - from;
            let within = if from >= 80 {
                random.between(0, span).min(random.between(0, span))
            } else {
                random.between(0, span)
            };
            let age = (from + within).clamp(0, 110);
            let group =
                usize::try_from(age / 20).unwrap_or_default().min(ratios.len().saturating_sub(1));
            let men = ratios.get(group).copied().unwrap_or(100.0);
            let male = random.chance(men / (men + 100.0));
            Drafted { age, male, spouse: NO, mother: NO, father: NO, twin_of: NO }
        })
        .collect()
}

/// People by age who are still to be had, in random order within an age.
struct ByAge(Vec<Vec<usize>>);

impl ByAge {
    fn new(people: &[Drafted], wanted: impl Fn(&Drafted) -> bool, random: &mut Stream) -> Self {
        let mut buckets = vec![Vec::new(); OLDEST];
        for (index, person) in people.iter().enumerate().filter(|(_, person)| wanted(person)) {
            if let Some(bucket) = buckets.get_mut(usize::try_from(person.age).unwrap_or_default()) {
                bucket.push(index);
            }
        }
        for bucket in &mut buckets {
            shuffle(bucket, random);
        }
        Self(buckets)
    }

    /// The age nearest to `age` within `low..=high` at which somebody is left.
    fn nearest(&self, age: i32, low: i32, high: i32) -> Option<usize> {
        let has = |age: i32| {
            usize::try_from(age)
                .ok()
                .filter(|place| self.0.get(*place).is_some_and(|bucket| !bucket.is_empty()))
        };
        (0..=(high - low).max(0)).find_map(|distance| {
            [age - distance, age + distance]
                .into_iter()
                .filter(|age| (low..=high).contains(age))
                .find_map(has)
        })
    }

    fn take(&mut self, age: i32, low: i32, high: i32) -> Option<usize> {
        let place = self.nearest(age, low, high)?;
        self.0.get_mut(place)?.pop()
    }
}

fn marry(
    people: &mut [Drafted],
    in_family: &mut [usize],
    families: &mut Vec<Vec<usize>>,
    kind: usize,
    profile: &Profile,
    random: &mut Stream,
) {
    let mut women = ByAge::new(people, |person| !person.male && person.age >= 20, random);
    let mut men: Vec<usize> =
        (0..people.len()).filter(|index| people[*index].male && people[*index].age >= 22).collect();
    shuffle(&mut men, random);
    for man in men {
        let age = people[man].age;
        let steps = &profile.families.married;
        let step = steps.iter().rev().find(|[from, ..]| f64::from(age) >= *from);
        let rate = step
            .map_or(0.0, |[_, registered, others]| if kind == 0 { *registered } else { *others });
        if !random.chance(rate) {
            continue;
        }
        let wanted = age - random.between(-2, 6);
        let Some(wife) = women.take(wanted.max(20), (age - 12).max(20), age + 6) else { continue };
        people[man].spouse = wife;
        people[wife].spouse = man;
        in_family[man] = families.len();
        in_family[wife] = families.len();
        families.push(vec![man, wife]);
    }
}

fn give_children(
    people: &mut [Drafted],
    in_family: &mut [usize],
    families: &mut [Vec<usize>],
    kind: usize,
    profile: &Profile,
    random: &mut Stream,
) {
    // Mothers who live with their husband; the bucket is that of the mother's age.
    let mut mothers = ByAge::new(people, |person| !person.male && person.spouse != NO, random);
    let grown_rate = profile.families.grown_children_at_home.get(kind).copied().unwrap_or_default();
    let mut children: Vec<usize> = (0..people.len())
        .filter(|index| people[*index].age < 31 && in_family[*index] == NO)
        .collect();
    shuffle(&mut children, random);
    let mut born = vec![0_usize; people.len()];
    let mut waiting: Vec<Vec<usize>> = vec![Vec::new(); 31];
    for child in children.iter().copied() {
        if let Some(list) = waiting.get_mut(usize::try_from(people[child].age).unwrap_or_default())
        {
            list.push(child);
        }
    }
    for child in children {
        if in_family[child] != NO {
            continue;
        }
        let age = people[child].age;
        if age >= 18 && !random.chance(grown_rate) {
            continue;
        }
        // Centre 28, deviation about 4.
        #[expect(clippy::cast_possible_truncation, reason = "a small rounded number")]
        let at_birth = 28 + (random.bell() * 4.0).round() as i32;
        let Some(bucket) = mothers.nearest(age + at_birth, age + 19, age + 43) else { continue };
        let Some(mother) = mothers.0.get(bucket).and_then(|bucket| bucket.last().copied()) else {
            continue;
        };
        adopt(people, in_family, families, child, mother);
        born[mother] += 1;
        if random.chance(profile.families.twins) {
            let same_age = waiting.get_mut(usize::try_from(age).unwrap_or_default());
            let twin = same_age.and_then(|list| {
                let place = list.iter().position(|other| in_family[*other] == NO)?;
                Some(list.swap_remove(place))
            });
            if let Some(twin) = twin {
                adopt(people, in_family, families, twin, mother);
                people[twin].twin_of = child;
                born[mother] += 1;
            }
        }
        // A mother takes further children less and less often: out of the bucket, or to its bottom.
        if let Some(list) = mothers.0.get_mut(bucket) {
            list.pop();
            let more = match born[mother] {
                1 => 0.62,
                2 => 0.22,
                _ => 0.08,
            };
            if born[mother] < CHILDREN_AT_MOST && random.chance(more) {
                list.insert(0, mother);
            }
        }
    }
}

fn adopt(
    people: &mut [Drafted],
    in_family: &mut [usize],
    families: &mut [Vec<usize>],
    child: usize,
    mother: usize,
) {
    people[child].mother = mother;
    people[child].father = people[mother].spouse;
    in_family[child] = in_family[mother];
    if let Some(family) = families.get_mut(in_family[mother]) {
        family.push(child);
    }
}

fn take_in_elders(
    people: &mut [Drafted],
    in_family: &mut [usize],
    families: &mut [Vec<usize>],
    kind: usize,
    profile: &Profile,
    random: &mut Stream,
) {
    let rate = profile.families.elders_with_children.get(kind).copied().unwrap_or_default();
    // Couples with children and without elders, by the husband's age.
    let mut hosts = ByAge::new(
        people,
        |person| person.male && person.spouse != NO && (30..62).contains(&person.age),
        random,
    );
    let mut elders: Vec<usize> = (0..people.len())
        .filter(|index| {
            people[*index].age >= 62 && (people[*index].male || people[*index].spouse == NO)
        })
        .collect();
    shuffle(&mut elders, random);
    for elder in elders {
        // Whoever has grown children at home stays with them.
        let at_home = families.get(in_family[elder]).map_or(1, Vec::len);
        if !random.chance(rate) || at_home > 2 {
            continue;
        }
        let age = people[elder].age;
        let Some(husband) = hosts.take(age - 28, age - 42, age - 20) else { continue };
        // Three times of four the parents are the husband's.
        let child = if random.chance(0.75) { husband } else { people[husband].spouse };
        let couple = [elder, people[elder].spouse];
        let target = in_family[husband];
        for parent in couple.into_iter().filter(|parent| *parent != NO) {
            // A mother must have been old enough.
            if people[parent].age - people[child].age < 16 {
                continue;
            }
            if people[parent].male {
                people[child].father = parent;
            } else {
                people[child].mother = parent;
            }
        }
        let old = in_family[elder];
        if let Some(family) = families.get_mut(old) {
            family.clear();
        }
        for parent in couple.into_iter().filter(|parent| *parent != NO) {
            in_family[parent] = target;
            if let Some(family) = families.get_mut(target) {
                family.push(parent);
            }
        }
    }
}

fn settle_the_rest(
    people: &[Drafted],
    in_family: &mut [usize],
    families: &mut Vec<Vec<usize>>,
    kind: usize,
    profile: &Profile,
    random: &mut Stream,
) {
    let rate = profile.families.sharing.get(kind).copied().unwrap_or_default();
    let mut rest: Vec<usize> = (0..people.len()).filter(|index| in_family[*index] == NO).collect();
    shuffle(&mut rest, random);
    let (adults, minors): (Vec<usize>, Vec<usize>) =
        rest.into_iter().partition(|index| people[*index].age >= 18);
    let mut adults = adults.into_iter();
    while let Some(adult) = adults.next() {
        let mut family = vec![adult];
        if random.chance(rate) {
            family.extend(adults.next());
        }
        for member in &family {
            in_family[*member] = families.len();
        }
        families.push(family);
    }
    // Children without a mother in reach live with relatives: with an older family, else alone on paper.
    let homes: Vec<usize> = (0..families.len())
        .filter(|family| families[*family].first().is_some_and(|head| people[*head].age >= 45))
        .collect();
    for minor in minors {
        let home = random.pick(&homes).copied().or_else(|| (!families.is_empty()).then_some(0));
        match home {
            Some(home) => {
                in_family[minor] = home;
                families[home].push(minor);
            }
            None => {
                in_family[minor] = families.len();
                families.push(vec![minor]);
            }
        }
    }
}

/// Brings the items into random order.
pub(super) fn shuffle<T>(items: &mut [T], random: &mut impl Random) {
    for place in (1..items.len()).rev() {
        let other = random.below(u32::try_from(place + 1).unwrap_or(u32::MAX)) as usize;
        items.swap(place, other);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drafted(kind: usize) -> Draft {
        let profile = Profile::read(None).expect("the embedded profile");
        draft(20_000, kind, &profile, &mut Stream::new(&[11, 0]))
    }

    #[test]
    fn everybody_is_in_exactly_one_family() {
        for kind in [0, 1] {
            let draft = drafted(kind);
            let mut seen = vec![0; draft.people.len()];
            for member in draft.families.iter().flatten() {
                seen[*member] += 1;
            }
            assert!(seen.iter().all(|count| *count == 1));
        }
    }

    #[test]
    fn parents_are_older_than_their_children_and_couples_are_mutual() {
        let draft = drafted(0);
        for (index, person) in draft.people.iter().enumerate() {
            if person.mother != NO {
                assert!(draft.people[person.mother].age >= person.age + 16);
            }
            if person.spouse != NO {
                assert_eq!(draft.people[person.spouse].spouse, index);
            }
            if person.twin_of != NO {
                assert_eq!(draft.people[person.twin_of].mother, person.mother);
            }
        }
    }

    #[test]
    fn sizes_of_registered_families_come_near_the_census() {
        let draft = drafted(0);
        let count =
            |size: usize| draft.families.iter().filter(|family| family.len() == size).count();
        let families = draft.families.len();
        let share = |size| 100 * count(size) / families;
        assert!((16..40).contains(&share(1)), "one: {} %", share(1));
        assert!((15..33).contains(&share(2)), "two: {} %", share(2));
        assert!((15..33).contains(&share(3)), "three: {} %", share(3));
        assert!((8..24).contains(&share(4)), "four: {} %", share(4));
        let mean = draft.people.len() * 100 / families;
        assert!((210..300).contains(&mean), "mean size {mean} %");
    }

    #[test]
    fn the_registered_are_as_old_as_the_statistics_say() {
        let draft = drafted(0);
        let older = |age: i32| draft.people.iter().filter(|person| person.age >= age).count();
        assert!((3_700..4_120).contains(&older(60)), "{}", older(60));
        assert!((1_650..2_020).contains(&older(70)), "{}", older(70));
        assert!((480..660).contains(&older(80)), "{}", older(80));
    }
}
