//! An explanation in words, Chinese and English.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pack::Text;
use vocab::Money;

use super::model::{Explanation, SourceRow, ValueExplanation};

/// The whole explanation as text.
pub(super) fn text(explanation: &Explanation) -> Text {
    Text {
        zh: Renderer::new("zh").render(explanation),
        en: Renderer::new("en").render(explanation),
    }
}

struct Renderer {
    language: &'static str,
    out: String,
    /// Values whose sources have been shown already, by variable (and member).
    seen: BTreeSet<String>,
}

impl Renderer {
    fn new(language: &'static str) -> Self {
        Self { language, out: String::new(), seen: BTreeSet::new() }
    }

    fn pick<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        if self.language == "en" { en } else { zh }
    }

    fn line(&mut self, indent: usize, text: impl AsRef<str>) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.out, "{:indent$}{}", "", text.as_ref(), indent = indent * 2);
    }

    fn render(mut self, explanation: &Explanation) -> String {
        self.head(explanation);
        for condition in &explanation.conditions {
            let mark = match condition.held {
                Some(true) => "✓",
                Some(false) => "✗",
                None => "?",
            };
            let mut line = format!("{mark} {}", condition.name.get(self.language));
            if !condition.text.is_empty() {
                let _ = write!(line, " [{}]", condition.text);
            }
            if let Some(article) = &condition.article {
                let _ = write!(line, "{}", self.pick("，依据：", ", under: "));
                line.push_str(article);
            }
            self.line(0, line);
            for value in &condition.values {
                self.value(value, 2, "");
            }
        }
        if !explanation.amount.values.is_empty() || explanation.amount_fen.is_some() {
            let head = self.pick("金额", "Amount");
            self.line(0, format!("= {head} [{}]", explanation.amount.text));
            for value in &explanation.amount.values {
                self.value(value, 2, "");
            }
        }
        self.parameters(explanation);
        self.missing(explanation);
        self.foot(explanation);
        self.out
    }

    fn head(&mut self, explanation: &Explanation) {
        let outcome = match explanation.outcome.as_str() {
            "eligible" => self.pick("符合条件", "entitled"),
            "ask" => self.pick("需要核实", "to be asked"),
            "not_applicable" => self.pick("本期不发放", "not paid in this period"),
            _ => self.pick("不符合条件", "not entitled"),
        };
        let mut line = format!(
            "{} {}{}{outcome}",
            explanation.name.get(self.language),
            explanation.period,
            self.pick("：", ": ")
        );
        if let Some(fen) = explanation.amount_fen {
            let amount = Money::from_fen(fen);
            let _ = match self.language {
                "en" => write!(line, ", {amount} yuan"),
                _ => write!(line, "，{amount} 元"),
            };
        }
        self.line(0, line);
        let known = explanation.known_at;
        let line = match self.language {
            "en" => format!("as known on {known}"),
            _ => format!("按截至 {known} 收到的数据"),
        };
        self.line(0, line);
    }

    fn value(&mut self, value: &ValueExplanation, indent: usize, whose: &str) {
        let mut line =
            format!("{} = {}", value.name.get(self.language), value.shown.get(self.language));
        let first = self.seen.insert(format!("{whose}/{}", value.variable));
        if !first {
            self.line(indent, line);
            return;
        }
        if let Some(formula) = &value.formula {
            let _ = write!(line, " [{formula}]");
        }
        self.line(indent, line);
        for source in &value.sources {
            let line = self.source(source);
            self.line(indent + 1, line);
        }
        for input in &value.inputs {
            self.value(input, indent + 1, whose);
        }
        for member in &value.members {
            if member.values.is_empty() {
                continue;
            }
            let who = self.pick("成员", "member");
            self.line(indent + 1, format!("{who} {}", member.person));
            for value in &member.values {
                self.value(value, indent + 2, &member.person);
            }
        }
    }

    fn source(&self, source: &SourceRow) -> String {
        let dataset = source.dataset_name.get(self.language);
        let department = source.department.get(self.language);
        let mut line = match self.language {
            "en" => {
                format!("← {dataset} ({department}), line {}, as of {}", source.row, source.as_of)
            }
            _ => format!("← {dataset}（{department}）第 {} 行，截至 {}", source.row, source.as_of),
        };
        if source.counted == Some(false) {
            line.push_str(self.pick("，不计入", ", not counted"));
        }
        if !source.certain {
            line.push_str(self.pick("，不能确定是本人", ", not certainly this person's"));
        }
        line
    }

    fn parameters(&mut self, explanation: &Explanation) {
        if explanation.parameters.is_empty() {
            return;
        }
        let head = self.pick("标准：", "Figures:");
        self.line(0, head);
        for parameter in &explanation.parameters {
            let name = parameter.name.get(self.language);
            let mut line = match self.language {
                "en" => format!(
                    "{name} ({}) = {}, from {}; {}",
                    parameter.id, parameter.value, parameter.from, parameter.basis
                ),
                _ => format!(
                    "{name}（{}）= {}，自 {} 起；{}",
                    parameter.id, parameter.value, parameter.from, parameter.basis
                ),
            };
            if parameter.verify {
                line.push_str(self.pick("（待核实）", " (to be verified)"));
            }
            self.line(1, line);
        }
    }

    fn missing(&mut self, explanation: &Explanation) {
        if explanation.missing.is_empty() {
            return;
        }
        let head = match explanation.outcome.as_str() {
            "ask" => self.pick("还需要：", "What is needed:"),
            _ => self.pick("没有满足的：", "What is missing:"),
        };
        self.line(0, head);
        for missing in &explanation.missing {
            self.line(1, missing.what.get(self.language));
        }
    }

    fn foot(&mut self, explanation: &Explanation) {
        for law in &explanation.legal_basis {
            let mut line = match self.language {
                "en" => format!("Under: 《{}》", law.title),
                _ => format!("依据：《{}》", law.title),
            };
            if let Some(number) = &law.number {
                let _ = write!(line, "{number}");
            }
            if let Some(article) = &law.article {
                let _ = write!(line, " {article}");
            }
            self.line(0, line);
        }
        for note in &explanation.notes {
            let head = self.pick("注意：", "Note: ");
            self.line(0, format!("{head}{}", note.get(self.language)));
        }
        let head = self.pick("规则版本：", "Rules: ");
        self.line(0, format!("{head}{}", explanation.rule_version));
    }
}
