//! The configuration file.

use std::fs;

use crate::city::{City, assert_success, command, huimin, json, pack};

fn check(file: &str, more: &[&str]) -> std::process::Output {
    huimin(
        &[&["config", "check", "--json", "--config", file, "--listen", "127.0.0.1:0"], more]
            .concat(),
    )
}

#[test]
fn settings_of_a_file_stand_in_for_options_and_options_come_first() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let file = city.path("huimin.toml");
    let settings = format!("data = \"data\"\npack = \"{}\"\nlog_format = \"json\"\n", pack());
    fs::write(&file, &settings).expect("a file");
    let done = check(&file, &[]);
    assert_success(&done);
    let settings_of = |done: &std::process::Output| {
        let report = json(done);
        let line = |what: &str| {
            let lines = report["settings"].as_array().expect("settings").clone();
            lines.into_iter().find(|line| line["what"] == what).expect("such a setting")
        };
        (line("data"), line("mode"))
    };
    let (data, mode) = settings_of(&done);
    // Folders are taken from where the file lies.
    assert_eq!(
        (&data["value"], &mode["value"]),
        (&city.path("data").into(), &"development".into())
    );

    // Every command has them, and the environment comes before the file.
    assert_success(&huimin(&["batch", "show", "--config", &file]));
    let by_variable = command(&["batch", "show"]).env("HUIMIN_CONFIG", &file).output();
    assert_success(&by_variable.expect("the program starts"));
    let elsewhere = command(&["batch", "show", "--config", &file])
        .env("HUIMIN_DATA", city.path("none"))
        .output();
    let elsewhere = elsewhere.expect("the program starts");
    assert_eq!(elsewhere.status.code(), Some(1));
    let message = String::from_utf8_lossy(&elsewhere.stderr).into_owned();
    assert!(message.contains("none"), "{message}");

    let production = check(&file, &["--mode", "production"]);
    assert_eq!(production.status.code(), Some(1));
    let (_, mode) = settings_of(&production);
    assert!(mode["fault"].as_str().expect("a fault").contains("--trusted-proxy"), "{mode}");
    fs::write(
        &file,
        settings + "mode = \"production\"\ntrusted_proxies = [\"127.0.0.1/32\", \"10.0.0.0/8\"]\n",
    )
    .expect("a file");
    let production = check(&file, &[]);
    assert_success(&production);
    let (_, mode) = settings_of(&production);
    assert_eq!(mode["value"], "production, proxies 127.0.0.1/32, 10.0.0.0/8");

    // Codes of citizens go where nobody listens in, and nobody else sends in our name.
    for (address, told) in [
        ("http://sms.example.gov.cn", "HTTPS"),
        ("https://sms.example.gov.cn", "HUIMIN_SMS_TOKEN"),
        ("sms.example.gov.cn", "no address of a gateway"),
    ] {
        let refused = check(&file, &["--sms-gateway", address]);
        assert_eq!(refused.status.code(), Some(1), "{address}");
        assert!(json(&refused).to_string().contains(told), "{address}: {}", json(&refused));
    }
}

#[test]
fn providers_of_a_file_are_checked_and_their_secrets_stand_in_the_environment_alone() {
    let city = City::new(300, 1);
    city.run("data", "2024-01");
    let file = city.path("huimin.toml");
    let base = format!(
        "data = \"data\"\npack = \"{}\"\nmode = \"production\"\ntrusted_proxies = [\"127.0.0.1/32\"]\n",
        pack()
    );
    let provider = "[oidc.staff]\nissuer = \"https://id.example.gov.cn\"\nclient_id = \"huimin\"\nname = \"统一身份认证\"\n";
    let url = "public_url = \"https://huimin.example.gov.cn\"\n";
    let look = |settings: &str, secret: &str| {
        fs::write(&file, settings).expect("a file");
        let arguments =
            ["config", "check", "--json", "--config", file.as_str(), "--listen", "127.0.0.1:0"];
        let done = command(&arguments).env("HUIMIN_OIDC_STAFF_SECRET", secret).output();
        let done = done.expect("the program starts");
        let lines = json(&done)["settings"].as_array().expect("settings").clone();
        let line = lines.into_iter().find(|line| line["what"] == "OIDC staff");
        (done.status.code(), line.expect("such a setting"))
    };
    let (code, line) = look(&format!("{base}{url}{provider}"), "secret");
    assert_eq!((code, line["fault"].as_str()), (Some(0), None), "{line}");
    let back = "https://huimin.example.gov.cn/api/v1/oidc/staff/callback";
    assert!(line["value"].as_str().expect("a value").ends_with(back), "{line}");

    let plain = provider.replace("https:", "http:");
    let client = provider.replace("client_id = \"huimin\"\n", "");
    let issuer = provider.replace("issuer = \"https://id.example.gov.cn\"\n", "");
    for (settings, secret, told) in [
        (format!("{base}{url}{provider}"), "", "HUIMIN_OIDC_STAFF_SECRET"),
        (format!("{base}{provider}"), "secret", "`public_url`"),
        (format!("{base}{url}{plain}"), "secret", "`oidc.staff.issuer`"),
        (format!("{base}{url}{client}"), "secret", "`oidc.staff.client_id`"),
        (format!("{base}{url}{issuer}"), "secret", "`oidc.staff.issuer`"),
    ] {
        let (code, line) = look(&settings, secret);
        assert_eq!(code, Some(1), "{line}");
        assert!(line["fault"].as_str().is_some_and(|fault| fault.contains(told)), "{told}: {line}");
    }
    // A server is not started with them either.
    let served = command(&["serve", "--config", &file, "--listen", "127.0.0.1:0"]).output();
    let served = served.expect("the program starts");
    assert_eq!(served.status.code(), Some(1));
    let message = String::from_utf8_lossy(&served.stderr).into_owned();
    assert!(message.contains("`oidc.staff.issuer`"), "{message}");
}

#[test]
fn a_wrong_setting_is_named_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("huimin.toml").to_string_lossy().into_owned();
    for (text, code, told) in [
        ("data = \"d\"\nlisten_on = \"127.0.0.1:1\"\n", 1, "unknown field `listen_on`"),
        ("data = 5\n", 1, "line 1"),
        ("[oidc.staff]\nsecret = \"s\"\n", 1, "unknown field `secret`"),
        ("data = \"d\"\npack = \"p\"\nlisten = \"somewhere\"\n", 2, "somewhere"),
    ] {
        fs::write(&file, text).expect("a file");
        let done = huimin(&["config", "check", "--config", &file]);
        let message = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(code), "{text}: {message}");
        assert!(message.contains(told), "{message}");
    }
    let missing = huimin(&["config", "check", "--config", "/nowhere/huimin.toml"]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/nowhere/huimin.toml"));
}
