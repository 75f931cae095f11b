//! Code lists that are the same everywhere. Lists that a city may extend live in its pack.

mod ethnicity;
mod marital;
mod sex;

pub use ethnicity::Ethnicity;
pub use marital::MaritalStatus;
pub use sex::Sex;

/// Declares a code list: an enum whose variants have a code, Chinese names (the first one is shown) and an English name.
macro_rules! code_list {
    (
        $(#[$meta:meta])*
        $name:ident, $expected:literal:
        $($variant:ident = $number:literal, $code:literal, $zh:literal $(| $alias:literal)*, $en:literal;)+
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = concat!("`", $code, "` ", $zh, ": ", $en, ".")] $variant = $number,)+
        }

        impl $name {
            /// All entries, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The entry with the code, exactly as the standard writes it; `None` for any other text.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The entry with the Chinese name, or one of its usual short forms; `None` for any other text.
            #[must_use]
            pub fn from_name_zh(name: &str) -> Option<Self> {
                match name {
                    $($zh $(| $alias)* => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// The code, as the standard writes it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The Chinese name.
            #[must_use]
            pub const fn name_zh(self) -> &'static str {
                match self {
                    $(Self::$variant => $zh,)+
                }
            }

            /// The English name.
            #[must_use]
            pub const fn name_en(self) -> &'static str {
                match self {
                    $(Self::$variant => $en,)+
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.code())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Code;
                impl serde::de::Visitor<'_> for Code {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str($expected)
                    }

                    fn visit_str<E: serde::de::Error>(self, code: &str) -> Result<$name, E> {
                        $name::from_code(code).ok_or_else(|| E::custom(concat!("expected ", $expected)))
                    }
                }
                deserializer.deserialize_str(Code)
            }
        }
    };
}

pub(crate) use code_list;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// A code list is sound when each code and each name leads back to its entry and none occurs twice.
    macro_rules! sound {
        ($list:ty, $count:literal) => {
            let all = <$list>::ALL;
            assert_eq!(all.len(), $count);
            assert_eq!(all.iter().map(|entry| entry.code()).collect::<BTreeSet<_>>().len(), $count);
            assert_eq!(
                all.iter().map(|entry| entry.name_zh()).collect::<BTreeSet<_>>().len(),
                $count
            );
            assert_eq!(
                all.iter().map(|entry| entry.name_en()).collect::<BTreeSet<_>>().len(),
                $count
            );
            for entry in all {
                assert_eq!(
                    entry.code().parse::<u8>().ok(),
                    Some(*entry as u8),
                    "number and code differ"
                );
                assert_eq!(<$list>::from_code(entry.code()), Some(*entry));
                assert_eq!(<$list>::from_name_zh(entry.name_zh()), Some(*entry));
                let json = serde_json::to_string(entry).expect("serialises");
                assert_eq!(json, format!("\"{}\"", entry.code()));
                assert_eq!(serde_json::from_str::<$list>(&json).expect("reads"), *entry);
            }
            for text in ["", "00", "3", "100", "一", " 1"] {
                assert_eq!(<$list>::from_code(text), None, "{text}");
            }
        };
    }

    #[test]
    fn the_lists_are_sound() {
        sound!(Sex, 4);
        sound!(MaritalStatus, 8);
        sound!(Ethnicity, 58);
    }

    #[test]
    fn ethnic_groups_have_the_codes_of_the_standard() {
        let groups = "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 \
                      景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 \
                      裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺";
        let mut count = 0;
        for (position, group) in groups.split_whitespace().enumerate() {
            let entry = Ethnicity::from_name_zh(group).expect("a listed group");
            assert_eq!(entry.code(), format!("{:02}", position + 1), "{group}");
            assert_eq!(entry.name_zh(), format!("{group}族"));
            count += 1;
        }
        assert_eq!(count, 56);
    }

    #[test]
    fn an_unstated_marital_status_is_neither_married_nor_not() {
        assert_eq!(MaritalStatus::NotStated.is_married(), None);
        assert_eq!(MaritalStatus::Remarried.is_married(), Some(true));
        assert_eq!(MaritalStatus::Widowed.is_married(), Some(false));
    }

    #[test]
    fn a_refused_code_is_not_repeated() {
        let error = serde_json::from_str::<Sex>("\"secret\"").expect_err("not a code").to_string();
        assert!(error.contains("GB/T 2261.1") && !error.contains("secret"), "{error}");
    }
}
