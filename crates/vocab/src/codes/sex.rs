//! Sex (性别).

super::code_list! {
    /// A person's sex as registers write it.
    ///
    /// `Unknown` (the source doesn't know) and `NotStated` (it doesn't say) are answers of a source, and differ from a
    /// missing value.
    ///
    /// # Source
    ///
    /// GB/T 2261.1-2003.
    Sex, "a code of GB/T 2261.1 (0, 1, 2 or 9)":
    Unknown = 0, "0", "未知" | "未知的性别", "unknown";
    Male = 1, "1", "男" | "男性", "male";
    Female = 2, "2", "女" | "女性", "female";
    NotStated = 9, "9", "未说明" | "未说明的性别", "not stated";
}
