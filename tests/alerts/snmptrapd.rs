use std::path::Path;

use super::receiver::{Receiver, Sinks, closing, free_udp, hostile, ordinary};

const ENGINE: &str = "80001f88047461696c737769746368";

/// With a community, and a user for traps (of our engine) and one for informs (of its own).
fn start() -> Option<(Receiver, u16)> {
    let folder = tempfile::tempdir().unwrap();
    let port = free_udp();
    std::fs::create_dir(folder.path().join("persistent")).unwrap();
    let config = format!(
        "authCommunity log geheim-4711
createUser -e 0x{ENGINE} trapper SHA-256 geheim-4711 AES geheim-4711
authUser log trapper priv
createUser signer SHA geheim-4711
authUser log signer auth
createUser informer SHA-512 geheim-4711 AES geheim-4711
authUser log informer priv
format2 %V|%s|%v\\n
"
    );
    std::fs::write(folder.path().join("snmptrapd.conf"), config).unwrap();
    let log = folder.path().join("seen");
    let conf = folder.path().join("snmptrapd.conf");
    let arguments = [
        "-f",
        "-C",
        "-c",
        conf.to_str().unwrap(),
        "-Lf",
        log.to_str().unwrap(),
        "-OQnt",
        &format!("udp:127.0.0.1:{port}"),
    ];
    let receiver = Receiver::start("snmptrapd", folder, &arguments)?;
    Some((receiver, port))
}

fn told(receiver: &mut Receiver, folder: &Path, sink: &str) -> String {
    let send = |notices: &[_]| {
        let sinks = Sinks::start(folder, sink);
        notices
            .iter()
            .for_each(|notice| sinks.alerts.tell(Clone::clone(notice)));
        sinks.stop();
    };
    receiver.waits_for("seen", ".9563.0.1", || send(&[ordinary()]));
    send(&[ordinary(), hostile(), closing()]);
    receiver.waits_for("seen", ".9563.0.3", || {})
}

/// What snmptrapd logs of the three notices, whatever the version.
#[track_caller]
fn is_whole(seen: &str) {
    let at = |column: u32| format!(".1.3.6.1.4.1.8072.9999.9999.9563.1.{column}.0");
    let line = |end: &str| {
        let found = seen.lines().find(|line| line.contains(end));
        found.unwrap_or_else(|| panic!("{end}\n{seen}")).to_owned()
    };
    let value = |line: &str, column| {
        let begin = format!("{} = ", at(column));
        let (_, rest) = line
            .split_once(&begin)
            .unwrap_or_else(|| panic!("{begin}\n{line}"));
        rest.split('|').next().unwrap().to_owned()
    };
    let opened = line("9563.0.1|");
    for (column, text) in [
        (1, "\"2026-11-02T20:31:07.412Z\""),
        (2, "3"),
        (3, "\"incident\""),
        (4, "\"east-20261102T203107\""),
        (5, "\"east\""),
        (6, "\"east moves to vmhost2\""),
        (7, "\"RM_1 05064: the host of a primary component failed\""),
        (8, "\"\""),
        (9, "\"\""),
    ] {
        assert_eq!(value(&opened, column), text, "{opened}");
    }
    let closed = line("9563.0.3|");
    assert_eq!(value(&closed, 2), "1", "{closed}");
    assert_eq!(value(&closed, 4), "\"east-20261102T203107\"");
    assert!(
        seen.contains("hostile a\\r\\n<13>1 forged\\x00") || seen.contains("68 6F 73 74 69 6C 65"),
        "{seen}"
    );
}

#[test]
fn snmptrapd_takes_traps_and_informs_of_version_2c() {
    for inform in [false, true] {
        let Some((mut receiver, port)) = start() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let sink = format!(
            "  - {{ snmp: {{ address: '127.0.0.1:{port}', community: '{{secret:token}}', inform: {inform} }}, timeout: 2s }}\n"
        );
        is_whole(&told(&mut receiver, folder.path(), &sink));
    }
}

#[test]
fn snmptrapd_takes_signed_and_encrypted_messages_of_version_3() {
    for user in [
        format!(
            "user: trapper, auth: sha256, priv: aes128, priv_password: '{{secret:token}}', engine_id: {ENGINE}"
        ),
        "user: signer, auth: sha, inform: true".to_owned(),
        "user: informer, auth: sha512, priv: aes128, priv_password: '{secret:token}', inform: true"
            .to_owned(),
    ] {
        let Some((mut receiver, port)) = start() else {
            return;
        };
        let folder = tempfile::tempdir().unwrap();
        let sink = format!(
            "  - {{ snmp: {{ address: '127.0.0.1:{port}', version: 3, auth_password: '{{secret:token}}', {user} }}, timeout: 2s }}\n"
        );
        is_whole(&told(&mut receiver, folder.path(), &sink));
    }
}

#[test]
fn an_inform_that_nobody_acknowledges_is_not_delivered() {
    let Some((mut receiver, port)) = start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let good = format!(
        "  - {{ snmp: {{ address: '127.0.0.1:{port}', community: '{{secret:token}}' }} }}\n"
    );
    told(&mut receiver, folder.path(), &good);
    let wrong = format!(
        "  - {{ snmp: {{ address: '127.0.0.1:{port}', version: 3, user: informer, auth: sha512, auth_password: not-this-one, inform: true }}, timeout: 2s }}\n"
    );
    let sinks = Sinks::start(folder.path(), &wrong);
    sinks.alerts.tell(ordinary());
    let failed = (0..300).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        !sinks
            .alerts
            .troubles()
            .iter()
            .all(|(key, _)| key == "alerts:spool")
    });
    assert!(failed);
    let troubles = sinks.alerts.troubles();
    assert!(
        troubles
            .iter()
            .all(|(_, it)| !it.text.contains("not-this-one")),
        "{troubles:?}"
    );
    assert_eq!(sinks.alerts.counts()[0].delivered, 0);
    sinks.stop();
}
