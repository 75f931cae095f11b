//! The messages as people see them.

use std::fmt::Write as _;

use super::routes::Message;

/// A page that shows messages, and loads itself again.
pub(super) fn page(messages: &[Message]) -> String {
    let mut html = String::from(
        "<!doctype html><html lang=zh><meta charset=utf-8><meta http-equiv=refresh content=3>\
         <meta name=viewport content='width=device-width'><title>短信模拟 / SMS</title><style>\
         body{font:18px/1.6 system-ui,sans-serif;max-width:30rem;margin:1rem auto;padding:0 1rem;background:#eef1f4;color:#1c2733}\
         p{background:#fff;border-radius:1rem;padding:.8rem 1rem;margin:.8rem 0}small{color:#54606c}b{font-size:1.6rem;letter-spacing:.1em}\
         </style><h1>短信模拟 <small>SMS simulator</small></h1>",
    );
    if messages.is_empty() {
        html.push_str("<p>还没有短信。 No messages yet.</p>");
    }
    for message in messages {
        // Writing into a String can't fail.
        let _ = write!(html, "<p><small>{}</small><br>{}</p>", escaped(&message.to), text(message));
    }
    html
}

/// What the template says.
fn text(message: &Message) -> String {
    let parameter =
        |name: &str| message.parameters.get(name).map(|value| escaped(value)).unwrap_or_default();
    match message.template.as_str() {
        "sign_in_code" => format!(
            "【惠民】您的登录验证码是 <b>{code}</b>，{minutes} 分钟内有效。工作人员不会向您索要，请勿告诉他人。<br>\
             <small>Your sign-in code is {code}, good for {minutes} minutes. Nobody will ask you for it.</small>",
            code = parameter("code"),
            minutes = parameter("minutes"),
        ),
        other => escaped(other),
    }
}

/// Text that is not taken for markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_message_is_shown_and_its_markup_is_not_obeyed() {
        let parameters = BTreeMap::from([
            ("code".to_owned(), "012345".to_owned()),
            ("minutes".to_owned(), "<b>".to_owned()),
        ]);
        let (id, to) = ("1".to_owned(), "13800000000".to_owned());
        let message = Message { id, to, template: "sign_in_code".to_owned(), parameters };
        let html = page(&[message]);
        assert!(html.contains("<b>012345</b>") && html.contains("&lt;b&gt; 分钟"));
        assert!(page(&[]).contains("还没有短信"));
    }
}
