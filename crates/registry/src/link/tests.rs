use pack::Pack;
use proptest::prelude::*;
use trust::ColumnKeys;

use super::*;
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
            records.id[at] = 1_000_000 + number.unsigned_abs() as u128;
            records.phone[at] = 1_000 + u64::from(number.unsigned_abs());
            records.address[at] = 1_000 + u64::from(number.unsigned_abs());
        }
        link(&records, &sources, &Rules::new(&self.pack.linkage).unwrap(), &self.keys)
    }

    fn add(&self, records: &mut Records, one: &Said) {
        let number = records.len() as u32;
        let mut row = [0; 12];
        // The row's id must not follow from its position, so that order can be tested.
        row[..8].copy_from_slice(&hash_of(one).to_le_bytes());
        row[8..].copy_from_slice(&one.phone.to_le_bytes()[..4]);
        records.row.push(row);
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
            records.bad_id.insert(number, one.id.to_owned());
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
