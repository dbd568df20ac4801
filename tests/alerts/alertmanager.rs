use serde_json::Value;

use super::receiver::{Receiver, Sinks, closing, free_tcp, hostile, ordinary};

fn start() -> Option<(Receiver, u16)> {
    let folder = tempfile::tempdir().unwrap();
    let port = free_tcp();
    let config = "route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n";
    std::fs::write(folder.path().join("alertmanager.yml"), config).unwrap();
    let arguments = [
        "--config.file=alertmanager.yml".to_owned(),
        "--storage.path=data".to_owned(),
        "--cluster.listen-address=".to_owned(),
        format!("--web.listen-address=127.0.0.1:{port}"),
    ];
    let receiver = Receiver::start("prometheus-alertmanager", folder, &arguments)?;
    Some((receiver, port))
}

/// The alerts that fire.
fn firing(port: u16) -> Vec<Value> {
    let url = format!("http://127.0.0.1:{port}/api/v2/alerts");
    let mut answer = ureq::get(url).call().unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn alertmanager_fires_what_opens_and_resolves_what_closes() {
    let Some((mut receiver, port)) = start() else {
        return;
    };
    receiver.waits_for("output", "Listening on", || {});
    let folder = tempfile::tempdir().unwrap();
    let sink = format!(
        "  - {{ webhook: {{ url: 'http://127.0.0.1:{port}/api/v2/alerts', body: alertmanager }} }}\n"
    );
    let sinks = Sinks::start(folder.path(), &sink);
    // Its own clock is the present: an incident of 2026 would be of the past one day.
    let now = jiff::Timestamp::now().into();
    let opened = tailswitch::alerts::Notice {
        time: now,
        ..ordinary()
    };
    sinks.alerts.tell(opened.clone());
    sinks.alerts.tell(tailswitch::alerts::Notice {
        time: now,
        ..hostile()
    });
    let delivered = |many| {
        (0..300).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            sinks.alerts.counts()[0].delivered == many
        })
    };
    assert!(delivered(2), "{:?}", sinks.alerts.troubles());
    let all = firing(port);
    assert_eq!(all.len(), 2, "{all:?}");
    let ours = all
        .iter()
        .find(|alert| alert["labels"]["solution"] == "east")
        .unwrap();
    assert_eq!(ours["labels"]["alertname"], "TailswitchIncident");
    assert_eq!(ours["labels"]["severity"], "critical");
    assert_eq!(ours["annotations"]["summary"], "east moves to vmhost2");
    assert_eq!(ours["status"]["state"], "active");
    sinks.alerts.tell(tailswitch::alerts::Notice {
        time: now,
        ..closing()
    });
    assert!(delivered(3), "{:?}", sinks.alerts.troubles());
    let all = firing(port);
    assert!(
        all.iter()
            .all(|alert| alert["labels"]["solution"] != "east"),
        "{all:?}"
    );
    sinks.stop();
}
