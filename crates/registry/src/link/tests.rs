use pack::Pack;
use proptest::prelude::*;
use trust::ColumnKeys;

use super::*;
use crate::kept::{Kept, Leftover};
use crate::records::{Names, sources};

/// Two valid numbers of made-up people; division 440199 is not assigned.
const WOMAN: &str = "440199195603090028";
const CHILD: &str = "440199199608231764";

/// What a record says; empty is unknown.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    name: &'static str,
    birth: i32,
    sex: u8,
    id: &'static str,
    phone: u64,
    address: u64,
}

const SEEN: Said =
    Said { name: "莫俊天", birth: -5_046, sex: 2, id: WOMAN, phone: 7, address: 9 };

struct World {
    pack: Pack,
    keys: ColumnKeys,
}

impl World {
    fn new() -> Self {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../city/guangzhou");
        Self { pack: pack::load(&folder).unwrap(), keys: ColumnKeys::from_master(&[3; 32]) }
    }

    /// The cluster of each record. 500 other people stand beside them, so that chance has a measure.
    fn link(&self, said: &[Said]) -> Linked {
        let sources = sources(&self.pack);
        let mut records = Records::default();
        for one in said {
            self.add(&mut records, one);
        }
        for number in 0..500_i32 {
            let other = Said { name: "王伟", birth: number * 11, id: "", ..SEEN };
            self.add(&mut records, &other);
            let at = records.len() - 1;
            records.id[at] = 1_000_000 + u128::from(number.unsigned_abs());
            records.phone[at] = 1_000 + u64::from(number.unsigned_abs());
            records.address[at] = 1_000 + u64::from(number.unsigned_abs());
        }
        let model = Model::learn(&mut records);
        let rules = Rules::new(&self.pack.linkage).unwrap();
        link(&records, &[], &Linked::default(), &sources, &rules, &model)
    }

    fn add(&self, records: &mut Records, one: &Said) {
        // The row's id must not follow from its position, so that order can be tested.
        self.add_row(records, one, (one.phone as u32).to_le_bytes());
    }

    fn add_row(&self, records: &mut Records, one: &Said, row_end: [u8; 4]) {
        let number = records.len() as u32;
        let mut row = [0; 12];
        row[..8].copy_from_slice(&hash_of(one).to_le_bytes());
        row[8..].copy_from_slice(&row_end);
        records.row.push(row);
        records.version.push(1);
        records.as_of.push(0);
        records.source.push(0);
        records.name.push(intern(&mut records.names, one.name));
        records.former.push(NO_NAME);
        records.birth.push(if one.birth == 0 { NO_DATE } else { one.birth });
        records.sex.push(one.sex);
        let valid = vocab::IdNumber::parse(one.id).ok();
        records.id.push(valid.as_ref().map_or(0, |id| {
            u128::from_str_radix(&self.keys.token("id_number", id.expose()), 16).unwrap()
        }));
        if valid.is_none() && !one.id.is_empty() {
            records.near.insert(number, neighbours::tokens(one.id, &self.keys));
        }
        records.phone.push(one.phone);
        records.address.push(one.address);
        records.case_no.push(0);
    }
}

fn intern(names: &mut Names, name: &str) -> u32 {
    if name.is_empty() { NO_NAME } else { names.intern(name) }
}

fn hash_of(one: &Said) -> u64 {
    crate::records::hash64(format!("{one:?}").as_bytes())
}

fn together(said: &[Said]) -> bool {
    let linked = World::new().link(said);
    linked.cluster[..said.len()].windows(2).all(|pair| pair[0] == pair[1])
}

#[test]
fn one_number_is_one_person_whatever_the_telephone() {
    assert!(together(&[SEEN, Said { phone: 8, address: 0, ..SEEN }]));
}

#[test]
fn one_number_under_another_name_and_birth_is_not() {
    assert!(!together(&[
        SEEN,
        Said { name: "陈鑫华", birth: 10_000, sex: 1, phone: 0, address: 0, ..SEEN }
    ]));
}

#[test]
fn two_valid_numbers_are_never_one_person() {
    assert!(!together(&[SEEN, Said { id: CHILD, ..SEEN }]));
}

#[test]
fn without_a_number_name_birth_and_address_do() {
    assert!(together(&[SEEN, Said { id: "", phone: 0, ..SEEN }]));
    assert!(together(&[SEEN, Said { id: "", phone: 0, name: "莫俊添", ..SEEN }]), "a homophone");
}

#[test]
fn a_mistyped_number_is_found_by_its_neighbours() {
    let linked = World::new().link(&[
        SEEN,
        Said { id: "440199195603090038", phone: 0, address: 0, ..SEEN },
        Said { id: "440199195603900028", phone: 0, address: 0, ..SEEN },
    ]);
    assert_eq!(linked.cluster[..3], [linked.cluster[0]; 3]);
    assert_eq!(linked.rule[1..3], [Rule::IdNear; 2]);
    assert!(!linked.certain[1], "a stop must not rest on a guess");
}

#[test]
fn family_members_who_share_telephone_and_address_stay_apart() {
    let parent = Said { id: "", ..SEEN };
    assert!(!together(&[SEEN, Said { name: "莫小天", birth: 9_000, ..parent }]));
    // Twins: the same birth date, a name of one other character, another number.
    assert!(!together(&[SEEN, Said { name: "莫俊地", id: "440199195603090044", ..SEEN }]));
    // Father and son of one name.
    assert!(!together(&[SEEN, Said { birth: SEEN.birth + 9_000, ..parent }]));
}

#[test]
fn a_record_that_fits_two_people_alike_joins_neither() {
    let common = Said { name: "王伟", birth: 9_731, phone: 0, address: 0, ..SEEN };
    let linked =
        World::new().link(&[common, Said { id: CHILD, ..common }, Said { id: "", ..common }]);
    assert_eq!(linked.rule[2], Rule::Single, "weight {}", linked.weight[2]);
    assert!(linked.review.iter().any(|(record, ..)| *record == 2), "a person looks at it");
}

#[test]
fn records_without_numbers_find_each_other() {
    let one = Said { id: "", ..SEEN };
    assert!(together(&[one, Said { phone: 0, ..one }]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_records_does_not_matter(order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let said = [
            SEEN,
            Said { id: "", phone: 0, ..SEEN },
            Said { id: "", name: "莫俊添", ..SEEN },
            Said { id: "440199195603090038", phone: 0, address: 0, ..SEEN },
            Said { id: CHILD, name: "陈鑫华", birth: 9_731, ..SEEN },
            Said { id: "", name: "陈鑫华", birth: 9_731, phone: 0, ..SEEN },
            Said { id: "", name: "郑锡冲", birth: 4_000, address: 12, ..SEEN },
            Said { id: "", name: "郑锡冲", birth: 4_000, address: 12, phone: 0, ..SEEN },
        ];
        let world = World::new();
        let expected = world.link(&said);
        let shuffled: Vec<Said> = order.iter().map(|at| said[*at]).collect();
        let found = world.link(&shuffled);
        for (one, left) in order.iter().enumerate() {
            for (other, right) in order.iter().enumerate() {
                prop_assert_eq!(
                    found.cluster[one] == found.cluster[other],
                    expected.cluster[*left] == expected.cluster[*right]
                );
            }
        }
    }
}

/// A record, the day on which it comes, and the day on which it goes.
type Stay = (Said, u8, Option<u8>);

const DAYS: u8 = 4;

/// People of one small village, so that everybody shares something with somebody.
fn stay() -> impl Strategy<Value = Stay> {
    let said = (
        prop::sample::select(vec!["莫俊天", "莫俊添", "莫俊地", "王伟", "陈鑫华", ""]),
        // 1990-03-04 and, day and month swapped, 1990-04-03; then others.
        prop::sample::select(vec![0, 7_367, 7_397, 7_367 + 9_000, -5_046]),
        0..3_u8,
        prop::sample::select(vec![
            "",
            "",
            "",
            WOMAN,
            CHILD,
            "440199195603090038",
            "440199199608231763",
        ]),
        0..4_u64,
        0..4_u64,
    )
        .prop_map(|(name, birth, sex, id, phone, address)| Said {
            name,
            birth,
            sex,
            id,
            phone,
            address,
        });
    (said, 0..DAYS, prop::option::of(1..DAYS))
        .prop_map(|(said, comes, goes)| (said, comes, goes.filter(|goes| *goes > comes)))
}

/// What linking says of each record, in terms that do not depend on numbers: the smallest row of its
/// cluster, and how it came there.
fn told(records: &Records, linked: &Linked) -> std::collections::BTreeMap<[u8; 12], String> {
    let first = |cluster: u32| {
        (0..records.len())
            .filter(|record| linked.cluster[*record] == cluster)
            .map(|record| records.row[record])
            .min()
    };
    (0..records.len())
        .filter(|record| linked.cluster[*record] != NO_CLUSTER)
        .map(|record| {
            let unsure = linked.review.iter().find(|(of, ..)| *of as usize == record);
            let text = format!(
                "{:?} {:?} {:?} {} {} {:?}",
                first(linked.cluster[record]),
                linked.stage[record],
                linked.rule[record],
                linked.weight[record],
                linked.certain[record],
                unsure.map(|(_, cluster, weight)| (first(*cluster), *weight)),
            );
            (records.row[record], text)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn day_by_day_gives_what_everything_at_once_gives(
        stays in prop::collection::vec(stay(), 1..40),
        block_max in prop::sample::select(vec![2, 4, BLOCK_MAX]),
    ) {
        let world = World::new();
        let sources = sources(&world.pack);
        let rules = Rules::new(&world.pack.linkage).unwrap();
        let model = Model { persons: 200, records: 40, named: 60 };
        let folder = tempfile::tempdir().unwrap();
        let frequent = |records: &mut Records| {
            for name in ["莫俊天", "莫俊添", "莫俊地", "王伟", "陈鑫华"] {
                let number = records.names.intern(name);
                records.names.count[number as usize] = 12;
            }
        };
        let row = |number: usize| (number as u32).to_le_bytes();

        let mut kept = Kept::default();
        frequent(&mut kept.records);
        for day in 0..DAYS {
            let leaving: Vec<[u8; 4]> = (0..stays.len())
                .filter(|number| stays[*number].2 == Some(day))
                .map(row)
                .collect();
            let mut records = std::mem::take(&mut kept.records);
            let gone: Vec<bool> =
                records.row.iter().map(|row| leaving.iter().any(|end| row[8..] == *end)).collect();
            for (number, (said, comes, _)) in stays.iter().enumerate() {
                if *comes == day {
                    world.add_row(&mut records, said, row(number));
                }
            }
            let work = |records, gone, before| {
                let scorer = Scorer::new(records, &rules, &model);
                Work { records, gone, before, rules: &rules, scorer, block_max }.link(&sources)
            };
            let linked = work(&records, &gone[..], &kept.linked);

            let mut all = Records::default();
            frequent(&mut all);
            for (number, (said, comes, goes)) in stays.iter().enumerate() {
                if *comes <= day && goes.is_none_or(|goes| goes > day) {
                    world.add_row(&mut all, said, row(number));
                }
            }
            let nothing = Linked::default();
            let at_once = work(&all, &[], &nothing);
            prop_assert_eq!(told(&records, &linked), told(&all, &at_once));

            let left = Kept {
                link_version: vec![0; records.len()],
                person: vec![1; linked.clusters],
                person_version: vec![0; linked.clusters],
                records,
                linked,
                ..Kept::default()
            };
            let dir = folder.path().to_owned();
            Leftover { index: None, dir, kept: left, gone }.write().unwrap();
            kept = Kept::read(folder.path()).unwrap();
        }
    }
}
