//! What the runs have published, and the tasks that follow from it.

use axum::http::StatusCode;

use super::ApiError;

impl ApiError {
    /// No run has ended yet.
    pub(crate) fn nothing_published() -> Self {
        Self::no_period().detail("目前还没有发布任何结果。", "Nothing is published yet.")
    }

    /// No run has decided this period.
    pub(crate) fn period_unknown(period: vocab::Period) -> Self {
        Self::no_period().detail(
            format!("已发布的结果中没有 {period} 的判定；`/api/v1/meta` 列出已发布的所属期。"),
            format!("No published run has decided {period}; `/api/v1/meta` lists those that are."),
        )
    }

    fn no_period() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "PERIOD-UNKNOWN",
            "没有这个所属期",
            "There is no such period",
        )
    }

    /// No person has this id.
    pub(crate) fn person_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "PERSON-UNKNOWN", "没有这个人", "There is no such person")
            .detail(
                "没有此编号的人员档案，此编号也没有并入他人。",
                "The registry has no person with this id, and none that it was merged into.",
            )
    }

    /// The pack has no such policy.
    pub(crate) fn policy_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "POLICY-UNKNOWN",
            "没有这项政策",
            "There is no such policy",
        )
        .detail(
            "`/api/v1/meta` 列出本市的政策。",
            "`/api/v1/meta` lists the policies of this city.",
        )
    }

    /// The policy decided nothing about this person in this period.
    pub(crate) fn decision_unknown() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "DECISION-UNKNOWN",
            "没有这项判定",
            "There is no such decision",
        )
        .detail(
            "本期没有为此人或其家庭判定该政策。",
            "The policy was not decided for this person, or a household of theirs, in this period.",
        )
    }

    /// An export would have more rows than a worksheet holds.
    pub(crate) fn export_too_large(rows: u64, most: u64) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "EXPORT-TOO-LARGE",
            "行数超过一个工作簿的上限",
            "Too many rows for one workbook",
        )
        .detail(
            format!("按筛选条件有 {rows} 行，一张工作表最多 {most} 行；请缩小筛选范围。"),
            format!(
                "The filters select {rows} rows, a worksheet holds {most}; narrow the filters."
            ),
        )
    }

    /// There is no such task.
    pub(crate) fn task_unknown() -> Self {
        Self::new(StatusCode::NOT_FOUND, "TASK-UNKNOWN", "没有这个事项", "There is no such task")
            .detail(
                "`/api/v1/tasks` 列出归您的角色办理的事项。",
                "`/api/v1/tasks` lists those for your roles.",
            )
    }
}
