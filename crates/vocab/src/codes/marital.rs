//! Marital status (婚姻状况).

super::code_list! {
    /// A person's marital status.
    ///
    /// 21, 22 and 23 are kinds of 20: see [`MaritalStatus::is_married`].
    ///
    /// # Source
    ///
    /// GB/T 2261.2-2003.
    MaritalStatus, "a code of GB/T 2261.2 (10, 20 to 23, 30, 40 or 90)":
    NeverMarried = 10, "10", "未婚", "never married";
    Married = 20, "20", "已婚" | "有配偶", "married";
    FirstMarriage = 21, "21", "初婚", "married for the first time";
    Remarried = 22, "22", "再婚", "remarried";
    MarriedAgain = 23, "23", "复婚", "married again to the former spouse";
    Widowed = 30, "30", "丧偶", "widowed";
    Divorced = 40, "40", "离婚" | "离异", "divorced";
    NotStated = 90, "90", "未说明" | "未说明的婚姻状况", "not stated";
}

impl MaritalStatus {
    /// Says whether the person has a spouse: 20, and its kinds 21, 22 and 23. `None` when the status isn't stated.
    #[must_use]
    pub const fn is_married(self) -> Option<bool> {
        match self {
            Self::Married | Self::FirstMarriage | Self::Remarried | Self::MarriedAgain => {
                Some(true)
            }
            Self::NeverMarried | Self::Widowed | Self::Divorced => Some(false),
            Self::NotStated => None,
        }
    }
}
