//! The datasets: which department sends what, in which format, under which headers.

use Column as C;
use Encoding::{Gb18030, Utf8, Utf8Bom};
use Format::{Csv, Jsonl, Sqlite, Xlsx};
use Repeats::{Both, Never, SameRow};

/// A dataset, in the order in which deliveries are made: what others depend on comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub(crate) enum Dataset {
    HouseholdRegister,
    ResidencePermit,
    BirthCertificate,
    DeathCertificate,
    Cremation,
    Marriage,
    DibaoRoll,
    TekunRoll,
    SelfCare,
    OrphanRoll,
    Disability,
    SocialInsurance,
    SocialCard,
    Pension,
    Employment,
    IncomeTax,
    Vehicle,
    RealEstate,
    HousingFund,
    BusinessOwner,
    WaterAccount,
    BankBalance,
    Education,
    Custody,
    AssistanceApplication,
    BenefitConfirmation,
    PriceIndex,
}

/// All datasets.
pub(crate) const ALL: [Dataset; 27] = [
    Dataset::HouseholdRegister,
    Dataset::ResidencePermit,
    Dataset::BirthCertificate,
    Dataset::DeathCertificate,
    Dataset::Cremation,
    Dataset::Marriage,
    Dataset::DibaoRoll,
    Dataset::TekunRoll,
    Dataset::SelfCare,
    Dataset::OrphanRoll,
    Dataset::Disability,
    Dataset::SocialInsurance,
    Dataset::SocialCard,
    Dataset::Pension,
    Dataset::Employment,
    Dataset::IncomeTax,
    Dataset::Vehicle,
    Dataset::RealEstate,
    Dataset::HousingFund,
    Dataset::BusinessOwner,
    Dataset::WaterAccount,
    Dataset::BankBalance,
    Dataset::Education,
    Dataset::Custody,
    Dataset::AssistanceApplication,
    Dataset::BenefitConfirmation,
    Dataset::PriceIndex,
];

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Csv,
    Xlsx,
    Jsonl,
    /// A database file with one table of this name.
    Sqlite(&'static str),
}

impl Format {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Csv => "csv",
            Xlsx => "xlsx",
            Jsonl => "jsonl",
            Sqlite(_) => "sqlite",
        }
    }
}

/// The encoding of a text file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf8Bom,
    Gb18030,
}

/// How a department writes a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DateStyle {
    /// 2024-01-05
    Iso,
    /// 20240105
    Compact,
    /// 2024/1/5
    Slash,
    /// 2024.1.5
    Dot,
    /// 2024年1月5日
    Chinese,
}

/// Which rows a dataset repeats by mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    /// None.
    Never,
    /// The same row twice. For keys that stand on the thing itself (a plate, a title), and where a second entry would be a
    /// second claim or payment.
    SameRow,
    /// Half the same row twice, half entered again under another key.
    Both,
}

/// What a column holds, as far as breaking it and writing it needs to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The key, or a part of it: never broken, for a row without a key would hold up a whole roll.
    Key,
    /// A key part that is a number.
    KeyNumber,
    /// Must be there.
    Required,
    /// A required date.
    Date,
    /// A required date that a spreadsheet holds as a date.
    DateCell,
    /// A required month.
    Month,
    /// A required code.
    Code,
    /// A required amount in yuan, as text.
    Money,
    /// A required amount in yuan, as a number where the format has numbers.
    MoneyNumber,
    /// A required number.
    Number,
    /// May be empty.
    Optional,
    /// May be empty; a number where the format has numbers.
    OptionalNumber,
}

/// Everything about a dataset that isn't a row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spec {
    pub(crate) id: &'static str,
    pub(crate) format: Format,
    pub(crate) encoding: Encoding,
    /// The whole roll every month, or only what is new or changed.
    pub(crate) full: bool,
    pub(crate) dates: DateStyle,
    /// The day of the next month on which deliveries arrive.
    pub(crate) received: i32,
    pub(crate) repeats: Repeats,
    /// Rows can be broken.
    pub(crate) breaks: bool,
    /// Changes can show late (`not_updated`).
    pub(crate) lags: bool,
    pub(crate) columns: &'static [(&'static str, Column)],
}

impl Dataset {
    /// The dataset's number, for draws and keys.
    pub(crate) fn number(self) -> u64 {
        u64::from(self as u8)
    }

    /// Its description.
    #[expect(clippy::too_many_lines, reason = "one entry per dataset")]
    pub(crate) fn spec(self) -> Spec {
        let spec = |id, format, encoding, columns| Spec {
            id,
            format,
            encoding,
            full: false,
            dates: DateStyle::Iso,
            received: 3,
            repeats: Both,
            breaks: true,
            lags: true,
            columns,
        };
        match self {
            Self::HouseholdRegister => Spec {
                dates: DateStyle::Compact,
                received: 2,
                repeats: Never,
                breaks: false,
                lags: false,
                ..spec(
                    "household_register",
                    Csv,
                    Gb18030,
                    &[
                        ("人员编号", C::Key),
                        ("户号", C::Required),
                        ("姓名", C::Required),
                        ("曾用名", C::Optional),
                        ("性别", C::Code),
                        ("民族", C::Optional),
                        ("出生日期", C::Date),
                        ("公民身份号码", C::Required),
                        ("与户主关系", C::Code),
                        ("婚姻状况", C::Optional),
                        ("户籍地址", C::Optional),
                        ("区划代码", C::Required),
                        ("城乡属性", C::Optional),
                        ("户口状态", C::Code),
                        ("状态日期", C::Optional),
                        ("落户日期", C::Date),
                    ],
                )
            },
            Self::ResidencePermit => Spec {
                received: 2,
                ..spec(
                    "residence_permit",
                    Csv,
                    Gb18030,
                    &[
                        ("登记编号", C::Key),
                        ("姓名", C::Required),
                        ("性别", C::Optional),
                        ("出生日期", C::Optional),
                        ("证件号码", C::Optional),
                        ("原籍区划", C::Optional),
                        ("居住地址", C::Optional),
                        ("街道代码", C::Optional),
                        ("联系电话", C::Optional),
                        ("登记日期", C::Date),
                        ("状态", C::Code),
                    ],
                )
            },
            Self::BirthCertificate => spec(
                "birth_certificate",
                Jsonl,
                Utf8,
                &[
                    ("证明编号", C::Key),
                    ("新生儿姓名", C::Required),
                    ("性别", C::Code),
                    ("出生日期", C::Date),
                    ("身份号码", C::Optional),
                    ("母亲姓名", C::Required),
                    ("母亲证件号", C::Optional),
                    ("父亲姓名", C::Optional),
                    ("父亲证件号", C::Optional),
                    ("联系电话", C::Optional),
                    ("住址", C::Optional),
                ],
            ),
            Self::DeathCertificate => spec(
                "death_certificate",
                Jsonl,
                Utf8,
                &[
                    ("证明编号", C::Key),
                    ("死者姓名", C::Required),
                    ("性别", C::Optional),
                    ("出生日期", C::Optional),
                    ("证件号码", C::Optional),
                    ("死亡日期", C::Date),
                    ("生前住址", C::Optional),
                    ("死亡原因分类", C::Optional),
                ],
            ),
            Self::Cremation => Spec {
                dates: DateStyle::Slash,
                received: 1,
                repeats: SameRow,
                ..spec(
                    "cremation",
                    Xlsx,
                    Utf8,
                    &[
                        ("火化编号", C::Key),
                        ("逝者姓名", C::Required),
                        ("性别", C::Optional),
                        ("出生日期", C::Optional),
                        ("证件号码", C::Optional),
                        ("死亡日期", C::DateCell),
                        ("火化日期", C::DateCell),
                        ("基本服务费", C::MoneyNumber),
                        ("生前住址", C::Optional),
                        ("经办人电话", C::Optional),
                    ],
                )
            },
            Self::Marriage => Spec {
                dates: DateStyle::Chinese,
                received: 2,
                ..spec(
                    "marriage",
                    Csv,
                    Utf8Bom,
                    &[
                        ("登记证号", C::Key),
                        ("业务类型", C::Code),
                        ("登记日期", C::Date),
                        ("男方姓名", C::Required),
                        ("男方证件号", C::Optional),
                        ("男方出生日期", C::Optional),
                        ("女方姓名", C::Required),
                        ("女方证件号", C::Optional),
                        ("女方出生日期", C::Optional),
                    ],
                )
            },
            Self::DibaoRoll => Spec {
                full: true,
                received: 4,
                ..spec(
                    "dibao_roll",
                    Xlsx,
                    Utf8,
                    &[
                        ("名册编号", C::Key),
                        ("家庭编号", C::Required),
                        ("类别", C::Code),
                        ("姓名", C::Required),
                        ("身份证号", C::Optional),
                        ("与申请人关系", C::Required),
                        ("联系电话", C::Optional),
                        ("家庭住址", C::Optional),
                        ("起保年月", C::Month),
                        ("银行账号", C::Optional),
                    ],
                )
            },
            Self::TekunRoll => Spec {
                full: true,
                dates: DateStyle::Dot,
                received: 4,
                ..spec(
                    "tekun_roll",
                    Xlsx,
                    Utf8,
                    &[
                        ("名册编号", C::Key),
                        ("姓名", C::Required),
                        ("性别", C::Optional),
                        ("出生日期", C::Optional),
                        ("身份证号", C::Optional),
                        ("供养方式", C::Optional),
                        ("起保年月", C::Month),
                        ("住址", C::Optional),
                        ("联系电话", C::Optional),
                        ("银行账号", C::Optional),
                    ],
                )
            },
            Self::SelfCare => Spec {
                received: 4,
                ..spec(
                    "self_care",
                    Csv,
                    Utf8Bom,
                    &[
                        ("评估编号", C::Key),
                        ("姓名", C::Required),
                        ("身份证号", C::Optional),
                        ("出生日期", C::Optional),
                        ("评估日期", C::Date),
                        ("不能完成项数", C::Number),
                        ("自理等级", C::Code),
                        ("住址", C::Optional),
                    ],
                )
            },
            Self::OrphanRoll => Spec {
                full: true,
                dates: DateStyle::Slash,
                received: 4,
                ..spec(
                    "orphan_roll",
                    Xlsx,
                    Utf8,
                    &[
                        ("名册编号", C::Key),
                        ("类别", C::Code),
                        ("姓名", C::Required),
                        ("性别", C::Optional),
                        ("出生日期", C::Optional),
                        ("身份证号", C::Optional),
                        ("监护人", C::Optional),
                        ("监护人电话", C::Optional),
                        ("起保年月", C::Month),
                        ("住址", C::Optional),
                        ("银行账号", C::Optional),
                    ],
                )
            },
            Self::Disability => Spec {
                full: true,
                received: 5,
                ..spec(
                    "disability",
                    Sqlite("cdpf_card"),
                    Utf8,
                    &[
                        ("card_no", C::Key),
                        ("xm", C::Required),
                        ("xb", C::Optional),
                        ("csrq", C::Optional),
                        ("sfzh", C::Optional),
                        ("lxdh", C::Optional),
                        ("zz", C::Optional),
                        ("cjlb", C::Code),
                        ("cjdj", C::Code),
                        ("fzrq", C::Date),
                        ("yxqz", C::Optional),
                        ("zt", C::Code),
                    ],
                )
            },
            Self::SocialInsurance => spec(
                "social_insurance",
                Csv,
                Gb18030,
                &[
                    ("个人编号", C::Key),
                    ("姓名", C::Required),
                    ("性别", C::Optional),
                    ("身份证号", C::Optional),
                    ("手机号码", C::Optional),
                    ("险种类型", C::Code),
                    ("缴费基数", C::Optional),
                    ("单位信用代码", C::Optional),
                    ("参保状态", C::Code),
                    ("参保年月", C::Month),
                ],
            ),
            Self::SocialCard => Spec {
                dates: DateStyle::Compact,
                ..spec(
                    "social_card",
                    Csv,
                    Utf8,
                    &[
                        ("卡识别码", C::Key),
                        ("姓名", C::Required),
                        ("性别", C::Optional),
                        ("出生日期", C::Optional),
                        ("身份证号", C::Optional),
                        ("手机号码", C::Optional),
                        ("金融账号", C::Required),
                        ("发卡日期", C::Date),
                        ("卡状态", C::Code),
                    ],
                )
            },
            Self::Pension => Spec {
                repeats: SameRow,
                ..spec(
                    "pension",
                    Csv,
                    Utf8,
                    &[
                        ("待遇编号", C::Key),
                        ("姓名", C::Required),
                        ("出生日期", C::Optional),
                        ("证件号码", C::Optional),
                        ("联系电话", C::Optional),
                        ("月养老金", C::Money),
                        ("待遇起始年月", C::Month),
                        ("待遇状态", C::Code),
                        ("发放账号", C::Optional),
                    ],
                )
            },
            Self::Employment => spec(
                "employment",
                Jsonl,
                Utf8,
                &[
                    ("备案编号", C::Key),
                    ("姓名", C::Required),
                    ("证件号码", C::Optional),
                    ("联系电话", C::Optional),
                    ("出生日期", C::Optional),
                    ("用人单位", C::Required),
                    ("起始日期", C::Date),
                    ("终止日期", C::Optional),
                    ("状态", C::Optional),
                ],
            ),
            Self::IncomeTax => Spec {
                received: 5,
                ..spec(
                    "income_tax",
                    Csv,
                    Utf8Bom,
                    &[
                        ("纳税人档案号", C::Key),
                        ("姓名", C::Required),
                        ("证件号码", C::Optional),
                        ("联系电话", C::Optional),
                        ("近六月月均收入", C::Money),
                        ("所属月份", C::Month),
                        ("联系地址", C::Optional),
                    ],
                )
            },
            Self::Vehicle => Spec {
                dates: DateStyle::Slash,
                repeats: SameRow,
                ..spec(
                    "vehicle",
                    Csv,
                    Gb18030,
                    &[
                        ("号牌号码", C::Key),
                        ("所有人", C::Required),
                        ("证件号码", C::Optional),
                        ("联系电话", C::Optional),
                        ("登记住址", C::Optional),
                        ("车辆型号", C::Optional),
                        ("使用性质", C::Code),
                        ("注册日期", C::Date),
                        ("状态", C::Code),
                    ],
                )
            },
            Self::RealEstate => Spec {
                repeats: SameRow,
                ..spec(
                    "real_estate",
                    Csv,
                    Utf8,
                    &[
                        ("不动产单元号", C::Key),
                        ("权利人", C::Required),
                        ("证件号码", C::Optional),
                        ("联系电话", C::Optional),
                        ("坐落", C::Required),
                        ("建筑面积", C::Number),
                        ("登记日期", C::Date),
                        ("状态", C::Code),
                    ],
                )
            },
            Self::HousingFund => spec(
                "housing_fund",
                Sqlite("gjj_account"),
                Utf8,
                &[
                    ("grzh", C::Key),
                    ("xm", C::Required),
                    ("csrq", C::Optional),
                    ("zjhm", C::Optional),
                    ("sjhm", C::Optional),
                    ("jcjs", C::MoneyNumber),
                    ("ye", C::MoneyNumber),
                    ("zt", C::Code),
                ],
            ),
            Self::BusinessOwner => Spec {
                repeats: SameRow,
                ..spec(
                    "business_owner",
                    Jsonl,
                    Utf8,
                    &[
                        ("注册号", C::Key),
                        ("统一社会信用代码", C::Optional),
                        ("企业名称", C::Required),
                        ("投资人", C::Required),
                        ("证件号码", C::Optional),
                        ("联系电话", C::Optional),
                        ("投资人住址", C::Optional),
                        ("实缴出资", C::MoneyNumber),
                        ("成立日期", C::Date),
                        ("状态", C::Code),
                    ],
                )
            },
            Self::WaterAccount => spec(
                "water_account",
                Csv,
                Utf8,
                &[
                    ("用户号", C::Key),
                    ("户名", C::Required),
                    ("证件号码", C::Optional),
                    ("联系电话", C::Optional),
                    ("用水地址", C::Required),
                    ("月用水量", C::OptionalNumber),
                    ("状态", C::Code),
                ],
            ),
            Self::BankBalance => Spec {
                received: 5,
                lags: false,
                ..spec(
                    "bank_balance",
                    Csv,
                    Utf8,
                    &[
                        ("回复编号", C::Key),
                        ("核对单号", C::Required),
                        ("姓名", C::Required),
                        ("证件号码", C::Optional),
                        ("预留手机号", C::Optional),
                        ("存款合计", C::Money),
                        ("查询日期", C::Date),
                    ],
                )
            },
            Self::Education => spec(
                "education",
                Csv,
                Utf8Bom,
                &[
                    ("学籍号", C::Key),
                    ("姓名", C::Required),
                    ("性别", C::Optional),
                    ("出生日期", C::Optional),
                    ("证件号码", C::Optional),
                    ("学校", C::Required),
                    ("学段", C::Code),
                    ("状态", C::Code),
                    ("家长电话", C::Optional),
                    ("住址", C::Optional),
                ],
            ),
            Self::Custody => spec(
                "custody",
                Jsonl,
                Utf8,
                &[
                    ("编号", C::Key),
                    ("姓名", C::Required),
                    ("性别", C::Optional),
                    ("出生日期", C::Optional),
                    ("证件号码", C::Optional),
                    ("起始日期", C::Date),
                    ("预计释放日期", C::Optional),
                    ("户籍地址", C::Optional),
                ],
            ),
            Self::AssistanceApplication => Spec {
                received: 4,
                repeats: SameRow,
                lags: false,
                ..spec(
                    "assistance_application",
                    Jsonl,
                    Utf8,
                    &[
                        ("申请编号", C::Key),
                        ("序号", C::KeyNumber),
                        ("姓名", C::Required),
                        ("证件号码", C::Optional),
                        ("出生日期", C::Optional),
                        ("与申请人关系", C::Code),
                        ("联系电话", C::Optional),
                        ("住址", C::Optional),
                        ("授权日期", C::Date),
                        ("申请日期", C::Date),
                        ("其他月收入", C::MoneyNumber),
                        ("银行账号", C::Optional),
                        ("状态", C::Code),
                    ],
                )
            },
            Self::BenefitConfirmation => spec(
                "benefit_confirmation",
                Jsonl,
                Utf8,
                &[
                    ("确认编号", C::Key),
                    ("事项", C::Required),
                    ("姓名", C::Required),
                    ("证件号码", C::Optional),
                    ("出生日期", C::Optional),
                    ("联系电话", C::Optional),
                    ("确认日期", C::Date),
                    ("收款账号", C::Optional),
                ],
            ),
            Self::PriceIndex => Spec {
                full: true,
                received: 5,
                repeats: Never,
                breaks: false,
                lags: false,
                ..spec(
                    "price_index",
                    Csv,
                    Utf8,
                    &[
                        ("月份", C::Key),
                        ("居民消费价格同比", C::Number),
                        ("食品价格同比", C::Number),
                    ],
                )
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn all_datasets_are_listed_once_in_order() {
        assert!(ALL.windows(2).all(|pair| pair[0] < pair[1]));
        let ids: BTreeSet<&str> = ALL.iter().map(|dataset| dataset.spec().id).collect();
        assert_eq!(ids.len(), 27);
    }

    #[test]
    fn every_dataset_arrives_in_the_first_five_days_and_has_a_key() {
        for dataset in ALL {
            let spec = dataset.spec();
            assert!((1..=5).contains(&spec.received), "{}", spec.id);
            assert_eq!(spec.columns[0].1, C::Key, "{}", spec.id);
        }
    }
}
