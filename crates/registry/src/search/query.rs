//! Asking the index.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, ConstScoreQuery, Occur, Query, TermQuery};
use tantivy::schema::{IndexRecordOption, Value as _};
use tantivy::{Index, IndexReader, ReloadPolicy, TantivyDocument, TantivyError, Term};
use trust::ColumnKeys;
use vocab::IdNumber;

use super::Fields;
use crate::{RecordLink, RegistryError, names};

/// One person of a result list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    /// The person's id.
    pub person_id: String,
    /// Name, as in the golden record.
    pub name: Option<String>,
    /// GB/T 2261.1 code.
    pub sex: Option<String>,
    /// ISO date.
    pub birth_date: Option<String>,
    /// Masked identity number.
    pub id_number: Option<String>,
    /// Division code of residence.
    pub division: Option<String>,
    /// `alive`, `dead` or `uncertain`.
    pub vital_status: String,
    /// Number of records.
    pub records: u32,
}

/// A page of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The persons, best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
    /// Where the next page begins, if there is one.
    pub next: Option<usize>,
}

/// The person search index of a published run.
pub struct PersonIndex {
    path: PathBuf,
    reader: IndexReader,
    fields: Fields,
}

impl PersonIndex {
    /// Opens the index in a folder.
    ///
    /// # Errors
    ///
    /// When it is missing or damaged.
    pub fn open(path: &Path) -> Result<Self, RegistryError> {
        let failed = |what: &'static str| {
            let path = path.to_owned();
            move |source| RegistryError::Index { path, what, source }
        };
        let index = Index::open_in_dir(path).map_err(failed("open"))?;
        // A published index never changes.
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(failed("open"))?;
        let (_, fields) = Fields::schema();
        Ok(Self { path: path.to_owned(), reader, fields })
    }

    /// Finds people.
    ///
    /// * `text`: characters of the name, its pinyin, its initials, or a whole identity number;
    ///   empty: everybody.
    /// * `division`: only people of this division or below.
    ///
    /// # Errors
    ///
    /// When the index can't be read.
    pub fn search(
        &self,
        text: &str,
        division: Option<&str>,
        keys: &ColumnKeys,
        from: usize,
        limit: usize,
    ) -> Result<Page, RegistryError> {
        let mut clauses: Vec<(Occur, Box<dyn Query>)> =
            vec![(Occur::Must, self.text_query(text.trim(), keys))];
        if let Some(division) = division {
            clauses.push((Occur::Must, self.term(self.fields.division, division)));
        }
        let query = BooleanQuery::new(clauses);
        let searcher = self.reader.searcher();
        let limit = limit.clamp(1, 200);
        let (found, total) = searcher
            .search(&query, &(TopDocs::with_limit(limit).and_offset(from).order_by_score(), Count))
            .map_err(|source| self.failed("search", source))?;
        let hits = found
            .into_iter()
            .map(|(_, address)| {
                let document: TantivyDocument =
                    searcher.doc(address).map_err(|source| self.failed("read", source))?;
                self.json(&document, self.fields.shown)
            })
            .collect::<Result<Vec<Hit>, _>>()?;
        let next = from + hits.len();
        Ok(Page { next: (next < total && !hits.is_empty()).then_some(next), hits, total })
    }

    /// One person of the index, with the records that speak of them.
    ///
    /// # Errors
    ///
    /// When the index can't be read. An unknown id is `None`.
    pub fn person(&self, person_id: &str) -> Result<Option<(Hit, Vec<RecordLink>)>, RegistryError> {
        let searcher = self.reader.searcher();
        let query = TermQuery::new(
            Term::from_field_text(self.fields.person_id, person_id),
            IndexRecordOption::Basic,
        );
        let found = searcher
            .search(&query, &TopDocs::with_limit(1).order_by_score())
            .map_err(|source| self.failed("search", source))?;
        let Some((_, address)) = found.first() else { return Ok(None) };
        let document: TantivyDocument =
            searcher.doc(*address).map_err(|source| self.failed("read", source))?;
        Ok(Some((
            self.json(&document, self.fields.shown)?,
            self.json(&document, self.fields.records)?,
        )))
    }

    fn text_query(&self, text: &str, keys: &ColumnKeys) -> Box<dyn Query> {
        if text.is_empty() {
            return self.term(self.fields.all, "1");
        }
        if let Ok(number) = IdNumber::parse(text) {
            let token = keys.token("id_number", number.expose());
            return self.term(self.fields.key, &format!("t{token}"));
        }
        let simple = names::simplify(text);
        let lower: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
        let latin = lower.is_ascii();
        // Whole names come before parts of names.
        let (whole, part) = if latin { ("y", "p") } else { ("x", "n") };
        let term = if latin { &lower } else { &simple };
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = vec![
            (
                Occur::Should,
                Box::new(BoostQuery::new(
                    self.term(self.fields.key, &format!("{whole}{term}")),
                    2.0,
                )),
            ),
            (Occur::Should, self.term(self.fields.key, &format!("{part}{term}"))),
        ];
        if latin {
            clauses.push((Occur::Should, self.term(self.fields.key, &format!("i{lower}"))));
            clauses.push((Occur::Should, self.term(self.fields.key, &format!("n{simple}"))));
            clauses.push((Occur::Should, self.term(self.fields.person_id, text)));
        }
        Box::new(BooleanQuery::new(clauses))
    }

    fn term(&self, field: tantivy::schema::Field, text: &str) -> Box<dyn Query> {
        let term = TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic);
        Box::new(ConstScoreQuery::new(Box::new(term), 1.0))
    }

    fn json<T: serde::de::DeserializeOwned>(
        &self,
        document: &TantivyDocument,
        field: tantivy::schema::Field,
    ) -> Result<T, RegistryError> {
        let text = document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
        serde_json::from_str(text)
            .map_err(|error| self.failed("read", TantivyError::InternalError(error.to_string())))
    }

    fn failed(&self, what: &'static str, source: TantivyError) -> RegistryError {
        RegistryError::Index { path: self.path.clone(), what, source }
    }
}
