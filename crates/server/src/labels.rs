//! Names for codes: of datasets, attributes, divisions, coded values and reasons.

use std::collections::{BTreeMap, HashMap};

use pack::{Contract, FieldKind, HouseholdKind, Pack};

use crate::text::{CodeName, Text};

/// Names of the attributes of a golden record.
const ATTRIBUTES: [(&str, &str, &str); 18] = [
    ("name", "姓名", "Name"),
    ("former_name", "曾用名", "Former name"),
    ("sex", "性别", "Sex"),
    ("birth_date", "出生日期", "Date of birth"),
    ("id_number", "公民身份号码", "Identity number"),
    ("ethnicity", "民族", "Ethnic group"),
    ("marital", "婚姻状况", "Marital status"),
    ("phone", "联系电话", "Telephone"),
    ("address", "住址", "Address"),
    ("division", "居住区划", "Division of residence"),
    ("hukou_division", "户籍区划", "Division of registration"),
    ("hukou_status", "户口状态", "State of the registration"),
    ("hukou_from", "落户日期", "Registered here since"),
    ("hukou_to", "迁出日期", "Registered here until"),
    ("area_type", "城乡属性", "Urban or rural"),
    ("death_date", "死亡日期", "Date of death"),
    ("account", "收款账号", "Bank account"),
    ("vital_status", "生存状态", "Vital status"),
];

/// Names of the steps of a run.
const STEPS: [(&str, &str, &str); 7] = [
    ("ingest", "数据接入", "Ingest"),
    ("link", "一人一档", "Link"),
    ("index", "检索索引", "Index"),
    ("decide", "政策核算", "Decide"),
    ("list", "三单生成", "List"),
    ("batch", "发放批次", "Batch"),
    ("publish", "发布", "Publish"),
];

/// Look-ups made from a pack, once.
#[derive(Debug)]
pub(crate) struct Labels {
    divisions: HashMap<String, Text>,
    codes: BTreeMap<String, HashMap<String, Text>>,
    attributes: HashMap<String, Text>,
    relations: HashMap<&'static str, String>,
    reasons: BTreeMap<String, Text>,
}

impl Labels {
    pub(crate) fn new(pack: &Pack) -> Self {
        // An element such as `division` says what the value is, the attribute what it means.
        let mut attributes: HashMap<String, Text> = pack
            .elements
            .values()
            .map(|element| (element.id.clone(), (&element.name).into()))
            .collect();
        for (id, zh, en) in ATTRIBUTES {
            attributes.insert(id.to_owned(), Text::new(zh, en));
        }
        let codes = pack
            .codes
            .iter()
            .map(|(id, list)| {
                let names = list
                    .entries
                    .iter()
                    .map(|entry| (entry.code.clone(), (&entry.name).into()))
                    .collect();
                (id.clone(), names)
            })
            .collect();
        Self {
            divisions: divisions(pack),
            codes,
            attributes,
            relations: relations(pack),
            reasons: reasons(pack),
        }
    }

    /// Name of a division, below the city's own name: `越秀区洪桥街道`.
    pub(crate) fn division(&self, code: &str) -> Option<&Text> {
        self.divisions.get(code)
    }

    /// Name of an attribute.
    pub(crate) fn attribute(&self, id: &str) -> Text {
        self.attributes.get(id).cloned().unwrap_or_else(|| Text::both(id))
    }

    /// Name of a code in a list of the pack.
    pub(crate) fn code(&self, list: &str, code: &str) -> Option<&Text> {
        self.codes.get(list)?.get(code)
    }

    /// Name of a value of a field: of a code, or of a division.
    pub(crate) fn value(&self, kind: &FieldKind, value: &str) -> Option<Text> {
        match kind {
            FieldKind::Code(list) => self.code(list, value).cloned(),
            FieldKind::Division => self.division(value).cloned(),
            _ => None,
        }
    }

    /// Name of an attribute's value, where the attribute is coded.
    pub(crate) fn attribute_value(&self, attribute: &str, value: &str) -> Option<Text> {
        match attribute {
            "division" | "hukou_division" => self.division(value).cloned(),
            "sex" | "ethnicity" | "marital" | "hukou_status" | "area_type" => {
                self.code(attribute, value).cloned()
            }
            _ => None,
        }
    }

    /// Name of a member's relation in a household.
    pub(crate) fn relation(&self, kind: HouseholdKind, code: &str) -> Option<Text> {
        self.code(self.relations.get(kind.as_str())?, code).cloned()
    }

    /// Reasons for quarantine, by code.
    pub(crate) fn reasons(&self) -> Vec<CodeName> {
        self.reasons
            .iter()
            .map(|(code, name)| CodeName { code: code.clone(), name: name.clone() })
            .collect()
    }

    /// Whether there is such a reason.
    pub(crate) fn is_reason(&self, code: &str) -> bool {
        self.reasons.contains_key(code)
    }

    /// A reason with its name.
    pub(crate) fn reason(&self, code: &str) -> CodeName {
        CodeName {
            code: code.to_owned(),
            name: self.reasons.get(code).cloned().unwrap_or_else(|| Text::both(code)),
        }
    }
}

/// Name of a step of a run.
pub(crate) fn step(id: &str) -> Text {
    STEPS
        .iter()
        .find(|(step, _, _)| *step == id)
        .map_or_else(|| Text::both(id), |(_, zh, en)| Text::new(*zh, *en))
}

/// Name of a kind of household.
pub(crate) fn household_kind(kind: HouseholdKind) -> Text {
    match kind {
        HouseholdKind::Register => Text::new("户籍户", "Register book"),
        HouseholdKind::LivingTogether => Text::new("共同生活家庭", "Household living together"),
    }
}

/// Name of a dataset; its id when the pack no longer has it.
pub(crate) fn dataset(pack: &Pack, id: &str) -> Text {
    pack.datasets.get(id).map_or_else(|| Text::both(id), |contract| (&contract.name).into())
}

/// Name of the department that delivers a dataset.
pub(crate) fn department(pack: &Pack, dataset: &str) -> Text {
    pack.datasets
        .get(dataset)
        .map_or_else(|| Text::both(dataset), |contract| (&contract.department.name).into())
}

/// The field behind an attribute, where a role takes it from one field unchanged.
pub(crate) fn field_of<'a>(
    contract: &'a Contract,
    role: &str,
    attribute: &str,
) -> Option<&'a pack::Field> {
    contract.field(contract.role(role)?.attributes.get(attribute)?)
}

fn divisions(pack: &Pack) -> HashMap<String, Text> {
    let own: HashMap<&str, &pack::Division> =
        pack.divisions.iter().map(|division| (division.code.as_str(), division)).collect();
    pack.divisions
        .iter()
        .map(|division| {
            let mut name = division.name.clone();
            let mut above = division.parent.as_ref();
            // The city's own name says nothing within the city.
            while let Some(parent) = above.and_then(|code| own.get(code.as_str()))
                && parent.level != pack::AreaKind::City
            {
                name.insert_str(0, &parent.name);
                above = parent.parent.as_ref();
            }
            (division.code.as_str().to_owned(), Text::both(name))
        })
        .collect()
}

/// The code list of relations, by kind of household.
fn relations(pack: &Pack) -> HashMap<&'static str, String> {
    pack.datasets
        .values()
        .filter_map(|contract| {
            let household = contract.household.as_ref()?;
            match &contract.field(&household.relation)?.kind {
                FieldKind::Code(list) => Some((household.kind.as_str(), list.clone())),
                _ => None,
            }
        })
        .collect()
}

fn reasons(pack: &Pack) -> BTreeMap<String, Text> {
    let own = intake::Code::ALL
        .iter()
        .map(|code| (code.as_str().to_owned(), Text::new(code.name_zh(), code.name_en())));
    let rules = pack
        .datasets
        .values()
        .flat_map(|contract| &contract.rules)
        .map(|rule| (rule.code.clone(), (&rule.message).into()));
    own.chain(rules).collect()
}
