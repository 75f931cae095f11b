//! The profile: every rate that a city is made by, from a file that an official can read and change.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::SimError;

/// The profile that comes with the program.
const DEFAULT: &str = include_str!("../profile/default.toml");
const DEFAULT_NAME: &str = "profile/default.toml";

/// All rates. The meaning of each figure stands beside it in `profile/default.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    pub(crate) errors: Errors,
    pub(crate) population: Population,
    pub(crate) families: Families,
    pub(crate) names: Names,
    pub(crate) life: Life,
    pub(crate) work: Work,
    pub(crate) coverage: Coverage,
    pub(crate) hardship: Hardship,
    pub(crate) prices: Prices,
}

/// A value for the registered and one for the other residents.
pub(crate) type ByHukou = [f64; 2];
/// Values by age: each from its age on.
pub(crate) type ByAge = Vec<[f64; 2]>;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Errors {
    pub(crate) id_missing: f64,
    pub(crate) id_mistyped: f64,
    pub(crate) id_mistyped_valid: f64,
    pub(crate) id_15_digits: f64,
    pub(crate) name_similar: f64,
    pub(crate) name_traditional: f64,
    pub(crate) name_outside_bmp: f64,
    pub(crate) name_spacing: f64,
    pub(crate) birth_swapped: f64,
    pub(crate) phone_old: f64,
    pub(crate) phone_shared: f64,
    pub(crate) address_old: f64,
    pub(crate) repeated: f64,
    pub(crate) broken: f64,
    pub(crate) death_late: f64,
    pub(crate) death_one_source: f64,
    pub(crate) not_updated: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Population {
    pub(crate) hukou_share: f64,
    pub(crate) permit_share: f64,
    pub(crate) ages: Vec<(i32, i32, f64, f64)>,
    pub(crate) men_per_100_women: Vec<f64>,
    pub(crate) rural_share_of_towns: f64,
    pub(crate) rural_share_of_streets: f64,
    pub(crate) minority_share: f64,
    pub(crate) dotted_name_share: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Families {
    pub(crate) married: Vec<[f64; 3]>,
    pub(crate) grown_children_at_home: ByHukou,
    pub(crate) elders_with_children: ByHukou,
    pub(crate) sharing: ByHukou,
    pub(crate) twins: f64,
    pub(crate) mothers_surname: f64,
    pub(crate) father_and_son_same_name: f64,
    pub(crate) changed_name: f64,
    pub(crate) changed_number: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names {
    pub(crate) one_character: f64,
    pub(crate) common_full: f64,
    pub(crate) outside_bmp: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Life {
    pub(crate) births_per_1000: f64,
    pub(crate) mothers: ByAge,
    pub(crate) deaths_per_1000: ByAge,
    pub(crate) cremated: f64,
    pub(crate) cremated_if_late: f64,
    pub(crate) marriages_per_1000: f64,
    pub(crate) divorces_per_1000: f64,
    pub(crate) registration_gained: f64,
    pub(crate) registration_left: f64,
    pub(crate) arrivals: f64,
    pub(crate) departures: f64,
    pub(crate) home_moves: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Work {
    pub(crate) employed: ByAge,
    pub(crate) employee_insurance: f64,
    pub(crate) resident_insurance: f64,
    pub(crate) taxed: f64,
    pub(crate) housing_fund: f64,
    pub(crate) former_jobs: f64,
    pub(crate) monthly_wages: Vec<[f64; 2]>,
    pub(crate) changes_of_job: f64,
    pub(crate) changes_of_pay: f64,
    pub(crate) pension_age: [i32; 2],
    pub(crate) pensioners: ByHukou,
    pub(crate) employee_pension: f64,
    pub(crate) employee_pension_yuan: [i32; 2],
    pub(crate) resident_pension_yuan: [i32; 2],
    pub(crate) business_owners: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Coverage {
    pub(crate) social_card: f64,
    pub(crate) vehicle: f64,
    pub(crate) second_vehicle: f64,
    pub(crate) home: ByHukou,
    pub(crate) second_home: f64,
    pub(crate) water_account: f64,
    pub(crate) in_school: f64,
    pub(crate) marriages_on_file: f64,
    pub(crate) confirmed_longevity: f64,
    pub(crate) births_on_file_years: i32,
    pub(crate) deaths_on_file_months: i32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hardship {
    pub(crate) applied_before: f64,
    pub(crate) below_line: f64,
    pub(crate) near_line: f64,
    pub(crate) failing_assets: f64,
    pub(crate) withdrawals: f64,
    pub(crate) other_applicants: f64,
    pub(crate) checks_a_year: f64,
    pub(crate) changes_of_income: f64,
    pub(crate) tekun_per_hardship: f64,
    pub(crate) children_per_hardship: f64,
    pub(crate) disabled: f64,
    pub(crate) disabled_in_hardship: f64,
    pub(crate) assessed_others: f64,
    pub(crate) in_custody: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    /// By month of the year.
    pub(crate) cpi: [f64; 12],
    /// By month of the year.
    pub(crate) food: [f64; 12],
}

impl Profile {
    /// Reads a profile file, or the one that comes with the program.
    pub(crate) fn read(path: Option<&Path>) -> Result<Self, SimError> {
        match path {
            None => Self::parse(DEFAULT, PathBuf::from(DEFAULT_NAME)),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(SimError::file("read", path))?;
                Self::parse(&text, path.to_path_buf())
            }
        }
    }

    fn parse(text: &str, path: PathBuf) -> Result<Self, SimError> {
        let profile: Self = toml::from_str(text)
            .map_err(|source| SimError::Profile { path: path.clone(), source: Box::new(source) })?;
        for (figure, rate) in profile.errors.rates() {
            if !(0.0..=1.0).contains(&rate) {
                let figure = format!("errors.{figure}");
                return Err(SimError::ProfileFigure {
                    path,
                    figure,
                    expected: "a rate from 0.0 to 1.0",
                });
            }
        }
        if profile.population.ages.is_empty() || profile.population.men_per_100_women.is_empty() {
            return Err(SimError::ProfileFigure {
                path,
                figure: "population".to_owned(),
                expected: "at least one age group in `ages` and `men_per_100_women`",
            });
        }
        Ok(profile)
    }
}

impl Errors {
    /// Multiplies all rates.
    pub(crate) fn scaled(mut self, scale: f64) -> Self {
        for rate in self.rates_mut() {
            *rate = (*rate * scale).min(1.0);
        }
        self
    }

    fn rates(&self) -> [(&'static str, f64); 17] {
        [
            ("id_missing", self.id_missing),
            ("id_mistyped", self.id_mistyped),
            ("id_mistyped_valid", self.id_mistyped_valid),
            ("id_15_digits", self.id_15_digits),
            ("name_similar", self.name_similar),
            ("name_traditional", self.name_traditional),
            ("name_outside_bmp", self.name_outside_bmp),
            ("name_spacing", self.name_spacing),
            ("birth_swapped", self.birth_swapped),
            ("phone_old", self.phone_old),
            ("phone_shared", self.phone_shared),
            ("address_old", self.address_old),
            ("repeated", self.repeated),
            ("broken", self.broken),
            ("death_late", self.death_late),
            ("death_one_source", self.death_one_source),
            ("not_updated", self.not_updated),
        ]
    }

    /// All but `id_mistyped_valid`, which is a share among the mistyped and not a rate of rows.
    fn rates_mut(&mut self) -> [&mut f64; 16] {
        [
            &mut self.id_missing,
            &mut self.id_mistyped,
            &mut self.id_15_digits,
            &mut self.name_similar,
            &mut self.name_traditional,
            &mut self.name_outside_bmp,
            &mut self.name_spacing,
            &mut self.birth_swapped,
            &mut self.phone_old,
            &mut self.phone_shared,
            &mut self.address_old,
            &mut self.repeated,
            &mut self.broken,
            &mut self.death_late,
            &mut self.death_one_source,
            &mut self.not_updated,
        ]
    }
}

/// The value in force at an age: that of the last step at or below it; 0 below the first.
pub(crate) fn at_age(steps: &[[f64; 2]], age: i32) -> f64 {
    steps.iter().rev().find(|[from, _]| f64::from(age) >= *from).map_or(0.0, |[_, value]| *value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_that_comes_with_the_program_reads() {
        let profile = Profile::read(None).expect("the embedded profile");
        assert!((profile.errors.id_missing - 0.08).abs() < 1e-12);
        let without = profile.errors.scaled(0.0);
        let is_zero = |(name, rate): &(&str, f64)| *rate == 0.0 || *name == "id_mistyped_valid";
        assert!(without.rates().iter().all(is_zero));
    }

    #[test]
    fn a_rate_above_one_is_refused_with_its_name() {
        let text = DEFAULT.replace("id_missing = 0.08", "id_missing = 8.0");
        let error = Profile::parse(&text, PathBuf::from("p.toml")).expect_err("a rate of 8");
        assert_eq!(
            error.to_string(),
            "the profile `p.toml`, errors.id_missing: expected a rate from 0.0 to 1.0"
        );
    }

    #[test]
    fn an_unknown_figure_is_refused() {
        let text = DEFAULT.replace("[errors]", "[errors]\nid_typo = 0.1");
        assert!(matches!(
            Profile::parse(&text, PathBuf::from("p.toml")),
            Err(SimError::Profile { .. })
        ));
    }

    #[test]
    fn a_value_by_age_holds_from_its_age_on() {
        let steps = [[16.0, 0.1], [22.0, 0.8]];
        assert_eq!(at_age(&steps, 15), 0.0);
        assert_eq!(at_age(&steps, 21), 0.1);
        assert_eq!(at_age(&steps, 22), 0.8);
    }
}
