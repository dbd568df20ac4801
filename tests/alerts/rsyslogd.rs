use super::receiver::{Receiver, Sinks, closing, free_tcp, free_udp, hostile, ordinary};

/// Each message as a line of what rsyslogd understood of it.
fn start() -> Option<(Receiver, String)> {
    let folder = tempfile::tempdir().unwrap();
    let (udp, tcp) = (free_udp(), free_tcp());
    let path = folder.path().display();
    let config = format!(
        r#"global(workDirectory="{path}")
module(load="imudp")
module(load="imtcp")
module(load="imuxsock" SysSock.Use="off")
input(type="imudp" address="127.0.0.1" port="{udp}")
input(type="imtcp" address="127.0.0.1" port="{tcp}")
input(type="imuxsock" Socket="{path}/log" UseSpecialParser="off" ParseHostname="on")
template(name="seen" type="string"
  string="%inputname%|%syslogfacility-text%.%syslogseverity-text%|%timereported:::date-rfc3339%|%app-name%|%msgid%|%structured-data%|%msg%\n")
action(type="omfile" file="{path}/seen" template="seen")
"#
    );
    std::fs::write(folder.path().join("rsyslog.conf"), config).unwrap();
    let sinks = format!(
        "  - {{ syslog: {{ address: 'udp://127.0.0.1:{udp}', facility: local3 }} }}
  - {{ syslog: {{ address: 'tcp://127.0.0.1:{tcp}', facility: local4 }} }}
  - {{ syslog: {{ address: '{path}/log', facility: local5 }} }}
"
    );
    let conf = folder.path().join("rsyslog.conf");
    let pid = folder.path().join("pid");
    let arguments = [
        "-n",
        "-f",
        conf.to_str().unwrap(),
        "-i",
        pid.to_str().unwrap(),
    ];
    let receiver = Receiver::start("rsyslogd", folder, &arguments)?;
    Some((receiver, sinks))
}

#[test]
fn rsyslogd_understands_what_it_is_told_by_udp_by_tcp_and_by_its_socket() {
    let Some((mut receiver, config)) = start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    receiver.waits_for("seen", "imudp|", || {
        let sinks = Sinks::start(folder.path(), &config);
        sinks.alerts.tell(ordinary());
        sinks.stop();
    });
    let sinks = Sinks::start(folder.path(), &config);
    for notice in [ordinary(), hostile(), closing()] {
        sinks.alerts.tell(notice);
    }
    sinks.stop();
    for (input, facility) in [
        ("imudp", "local3"),
        ("imtcp", "local4"),
        ("imuxsock", "local5"),
    ] {
        let begin = format!("{input}|{facility}.crit|");
        let end = format!("{input}|{facility}.info|");
        let seen = receiver.waits_for("seen", &end, || {});
        let lines: Vec<&str> = seen
            .lines()
            .filter(|line| line.starts_with(input))
            .collect();
        let opened = [
            &*begin,
            "2026-11-02T20:31:07.412Z|",
            "tailswitch|incident|[tailswitch@32473 phase=\"open\" key=\"east-20261102T203107\" solution=\"east\"]|\
             CRITICAL: east moves to vmhost2 | RM_1 05064: the host of a primary component failed",
        ];
        let closed = [
            &*end,
            "2026-11-02T20:31:11.412Z|",
            "tailswitch|incident|[tailswitch@32473 phase=\"close\" key=\"east-20261102T203107\" solution=\"east\"]|\
             OVER: east: move to vmhost2 completed | switch-to-primary VM_Server_2: done",
        ];
        for [begin, time, rest] in [opened, closed] {
            // On its own socket it may take the time of the arrival.
            let is_it = |line: &&str| match input {
                "imuxsock" => line.starts_with(begin) && line.ends_with(rest),
                _ => **line == format!("{begin}{time}{rest}"),
            };
            assert!(lines.iter().any(is_it), "{begin}{time}{rest}\n{seen}");
        }
        let hostile = lines
            .iter()
            .filter(|line| line.contains("hostile"))
            .collect::<Vec<_>>();
        assert!(
            hostile.iter().all(|line| line.starts_with(&begin)
                && line.contains("]|CRITICAL: hostile a\\r\\n<13>1 forged\\x00\"]")),
            "{hostile:?}"
        );
        assert_eq!(hostile.len(), 1, "{seen}");
    }
    let seen = std::fs::read_to_string(receiver.path("seen")).unwrap();
    assert!(
        seen.lines().all(|line| line.contains("|tailswitch|")),
        "{seen}"
    );
}
