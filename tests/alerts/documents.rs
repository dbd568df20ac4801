use std::path::Path;

/// Each `yaml` block is the `alerts:` of a configuration that has the secrets of the page.
#[test]
fn every_example_of_the_page_is_a_configuration() {
    let page = include_str!("../../docs/alerts.md");
    let blocks: Vec<&str> = page
        .split("```yaml\n")
        .skip(1)
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() >= 10, "the page has moved: tell this test");
    for block in blocks {
        let pair = "solutions:
  east:
    hosts: { vmhost1: , vmhost2: }
    applications:
      S_1: { dbid: 151, component: vm-sip-server, host: vmhost1 }
      S_2: { dbid: 152, component: vm-sip-server, host: vmhost2 }
";
        let names = [
            "hook",
            "slack",
            "teams",
            "pagerduty",
            "smtp",
            "snmp",
            "snmp_auth",
            "snmp_priv",
        ];
        let secrets = names.map(|name| format!("{name}: {{ env: X }}")).join(", ");
        let text = format!("{pair}secrets: {{ {secrets} }}\n{block}");
        let path = Path::new("/etc/tailswitch/tailswitch.yaml");
        let files = tailswitch::config::InMemory::default().file(path, &*text, 0o640);
        let loaded = tailswitch::config::load(&files, path, &[]);
        assert_eq!(loaded.faults, [], "{block}");
        assert!(!loaded.config.unwrap().alerts.is_empty(), "{block}");
    }
}
