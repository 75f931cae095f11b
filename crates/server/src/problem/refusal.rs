//! What accounts, organisations and tasks refuse, as problems. The English details are those of the errors themselves.

use axum::http::StatusCode;
use identity::{IdentityError, PasswordFault, Purpose, Role};
use tasks::TaskError;

use super::ApiError;

fn bad(code: &'static str, zh: &'static str, en: &'static str) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, code, zh, en)
}

fn conflict(code: &'static str, zh: &'static str, en: &'static str) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, code, zh, en)
}

fn missing(code: &'static str, zh: &'static str, en: &'static str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, code, zh, en)
}

impl ApiError {
    /// A password that can't be used.
    fn bad_password(fault: PasswordFault) -> Self {
        let (code, zh) = match fault {
            PasswordFault::Short => ("PASSWORD-SHORT", "它不足 8 个字符"),
            PasswordFault::Long => ("PASSWORD-LONG", "它超过 1024 字节"),
            PasswordFault::Guessed => ("PASSWORD-WEAK", "它容易猜到；用几个互不相干的词就很好"),
            PasswordFault::Same => ("PASSWORD-SAME", "它就是现在的密码"),
        };
        bad(code, "这个密码不能用", "This password can't be used")
            .detail(format!("请换一个：{zh}。"), format!("Choose another one: {fault}."))
    }

    /// What accounts and organisations refuse.
    pub(super) fn of_identity(error: IdentityError) -> Self {
        use IdentityError as E;

        let said = error.to_string();
        match error {
            E::Password(fault) => Self::bad_password(fault),
            // What was typed may be a password, and does not come back.
            E::Username(_) => bad("USERNAME-INVALID", "用户名无效", "This is no username").detail(
                "请用 1 到 64 个小写字母、数字、`.`、`-` 和 `_`，以字母开头。",
                "Use 1 to 64 lower-case letters, digits, `.`, `-` and `_`, beginning with a letter.",
            ),
            E::OrganisationId(_) => bad("ORGANISATION-INVALID", "机构编号无效", "This is no id").detail(
                "请用 1 到 64 个小写字母、数字、`.`、`-` 和 `_`。",
                "Use 1 to 64 lower-case letters, digits, `.`, `-` and `_`.",
            ),
            E::Name => bad("NAME-INVALID", "名称无效", "This name can't be used")
                .detail("名称须为 1 到 100 个字符。", said),
            E::Role(word) => {
                let known = Role::ALL.map(Role::as_str).join("、");
                bad("ROLES-INVALID", "角色无效", "Not these roles")
                    .detail(format!("`{word}` 不是角色；可用的有 {known}。"), said)
            }
            E::NoOrganisation(role) => bad("ROLES-INVALID", "角色无效", "Not these roles")
                .detail(format!("角色 `{role}` 须属于一个机构，在该机构的区划内工作。"), said),
            E::RolesTogether => bad("ROLES-TOGETHER", "这些角色不能兼任", "Not these roles together")
                .detail("管理员不能兼任其他角色，以免一人同时掌握两种权力。", said),
            E::Purpose(word) => {
                let known = Purpose::ALL.map(Purpose::as_str).join("、");
                bad("GRANT-INVALID", "不能这样授予", "This can't be granted")
                    .detail(format!("`{word}` 不是用途；可用的有 {known}。"), said)
            }
            E::Grant => bad("GRANT-INVALID", "不能这样授予", "This can't be granted")
                .detail("授予用途须写明 1 到 500 个字符的理由，截止时刻须在开始之后。", said),
            E::OutsideParent => bad("OUTSIDE-PARENT", "超出上级机构的区划", "Outside of the one above")
                .detail("机构的区划须在上级机构的区划之内。", said),
            E::OrganisationUnknown(_) => {
                bad("ORGANISATION-UNKNOWN", "没有这个机构", "There is no such organisation").detail(
                    "`/api/v1/organisations` 列出您区划之内的机构。",
                    "`/api/v1/organisations` lists those within your division.",
                )
            }
            E::Code => bad("CODE-WRONG", "验证码不正确", "Wrong code")
                .detail("验证码不正确，或者已经用过。", said),
            E::UserExists(_) => {
                conflict("USER-EXISTS", "已有这个账号", "There is such an account already")
            }
            E::OrganisationExists(_) => {
                conflict("ORGANISATION-EXISTS", "已有这个机构", "There is such an organisation already")
            }
            E::Own => conflict("OWN-ACCOUNT", "不能改自己的账号", "Not one's own account")
                .detail("不能改自己账号的权限，也不能自己重置；请由另一位管理员办理。", said),
            E::SecondFactorExists => {
                conflict("SECOND-FACTOR-EXISTS", "两步验证已在使用", "A second factor is in use")
                    .detail("两步验证已在使用；取消之后才能另设。", said)
            }
            E::NoSecondFactor => conflict("NO-SECOND-FACTOR", "没有两步验证", "No second factor")
                .detail("没有待确认的两步验证；请重新开始设置。", said),
            E::UserUnknown(_) => Self::user_unknown(),
            E::GrantUnknown => missing("GRANT-UNKNOWN", "没有这项授权", "There is no such grant")
                .detail("没有这项有效的授权。", said),
            E::Representation => {
                bad("REPRESENTATION-INVALID", "不能这样代办", "Nobody can act like this").detail(
                    "代他人办理须写明 1 到 500 个字符的依据，截止时刻须在此刻之后；\
                     不能代自己，一人最多由十人代办。",
                    said,
                )
            }
            E::RepresentationExists => {
                conflict("REPRESENTATION-EXISTS", "此人已经可以代办", "This person may act already")
                    .detail("此人已经可以代办；请先收回，再重新办理。", said)
            }
            E::RepresentationUnknown => {
                missing("REPRESENTATION-UNKNOWN", "没有这项委托", "Nobody acts so")
                    .detail("没有这项有效的委托或监护。", said)
            }
            E::ApiClientId(_) => bad("CLIENT-INVALID", "接入程序编号无效", "This is no id").detail(
                "请用 1 到 64 个小写字母、数字、`.`、`-` 和 `_`。",
                "Use 1 to 64 lower-case letters, digits, `.`, `-` and `_`.",
            ),
            E::ApiClientExists(_) => {
                conflict("CLIENT-EXISTS", "已有这个接入程序", "There is such an API client already")
            }
            E::ApiClientUnknown => Self::client_unknown(),
            E::ApiClientKey => bad("KEY-INVALID", "公钥无效", "This is no public key").detail(
                "这不是 PEM 格式的 Ed25519 公钥；`openssl genpkey -algorithm ed25519` 生成密钥，\
                 `openssl pkey -pubout` 写出其公钥。",
                said,
            ),
            E::ApiClientKeyTime => bad("KEY-TIME", "有效期不合要求", "Not for such a time")
                .detail("密钥的截止时刻须在此刻之后、两年之内。", said),
            E::ApiClientKeys => conflict("KEYS-ENOUGH", "密钥已经够多", "Enough keys")
                .detail("已有三个有效的密钥；请先收回一个。", said),
            E::ApiClientKeyExists => conflict("KEY-EXISTS", "这个密钥已登记过", "This key is known")
                .detail("这个密钥以前登记过；每个程序用自己的密钥，收回的不能再用。", said),
            E::ApiClientKeyUnknown => missing("KEY-UNKNOWN", "没有这个密钥", "There is no such key")
                .detail("没有这个有效的密钥。", said),
            E::Agreement => bad("AGREEMENT-INVALID", "不能这样约定", "This can't be agreed")
                .detail("协议须写明 1 到 500 个字符的依据，截止时刻须在此刻之后。", said),
            E::AgreementExists => {
                conflict("AGREEMENT-EXISTS", "已有这项协议", "There is an agreement about it")
                    .detail("关于该政策已有有效的协议；请先终止。", said)
            }
            E::AgreementUnknown => {
                missing("AGREEMENT-UNKNOWN", "没有这项协议", "There is no such agreement")
                    .detail("没有这项有效的协议。", said)
            }
            E::OidcSubject => bad("OIDC-LINK-INVALID", "不能这样关联", "This can't be linked")
                .detail("身份提供方对人的称呼是其令牌的 `sub`，为 1 到 255 个可见的 ASCII 字符。", said),
            E::OidcLinkExists => conflict("OIDC-LINK-EXISTS", "已经关联", "It is linked already")
                .detail("提供方的这个称呼属于另一个账号；请先在那里取消关联。", said),
            E::NoOidcLink => missing("OIDC-NO-LINK", "没有这个关联", "There is no such link")
                .detail("没有人以提供方的身份登录这个账号。", said),
            E::Changed => Self::changed(),
            E::OidcVerifier(_) | E::Secret { .. } | E::Totp(_) | E::Hash(_) | E::Random(_) | E::Store(_) => {
                Self::internal(error)
            }
        }
    }

    /// What tasks refuse.
    pub(super) fn of_task(error: TaskError) -> Self {
        let said = error.to_string();
        match error {
            TaskError::Unknown => Self::task_unknown(),
            TaskError::Changed => Self::changed(),
            TaskError::State { state, act } => {
                conflict("TASK-STATE", "事项的状态不符", "Not in this state").detail(
                    format!("状态为 `{state}` 的事项不能办理 `{act}`。"),
                    format!("A task that is `{state}` does not take the act `{act}`."),
                )
            }
            TaskError::NotYours => conflict("TASK-TAKEN", "事项在别人手上", "Somebody else has it")
                .detail("只有接手人可以这样办理。", said),
            TaskError::Note => bad("NOTE-INVALID", "需要备注", "A note is needed")
                .detail("备注须为 1 到 1000 个字符。", said),
            TaskError::Store(_) => Self::internal(error),
        }
    }
}
