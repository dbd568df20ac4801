//! What is wrong with a configuration, and where it says so.

use super::*;

/// `wrong.txt` is a list of changes to the sample, each followed by every fault of the changed text.
#[test]
fn each_wrong_text_has_its_faults_and_no_others() {
    let cases = include_str!("wrong.txt");
    for case in cases.split("\n\n").filter(|case| case.starts_with('-')) {
        let part = |sign: char| {
            let lines = case.lines().filter_map(|line| line.strip_prefix(sign));
            lines.collect::<Vec<_>>().join("\n")
        };
        let told: Vec<&str> = case
            .lines()
            .filter(|line| !line.starts_with(['-', '+']))
            .collect();
        assert!(!told.is_empty(), "{case}");
        assert_eq!(faults(&changed(&part('-'), &part('+'))), told, "{case}");
    }
}

#[test]
fn an_active_pair_needs_a_command_for_each_step_of_its_plan() {
    let active = changed("mode: alert-only", "mode: active");
    assert_eq!(faults(&active), [""; 0]);
    let lacking = active
        .replace("  vip-disable: ", "  vip-announce: ")
        .replacen("  vip-announce:      {", "# {", 1);
    let lacking = lacking.replace("  switch-to-primary:", "# ");
    let hint = "(add it under `actions:`, or set mode: alert-only)";
    assert_eq!(
        faults(&lacking),
        [
            format!(
                "5:3: error: solutions.east: mode is active, and the action switch-to-primary has no command {hint}"
            ),
            format!(
                "5:3: error: solutions.east: mode is active, and the action vip-disable has no command {hint}"
            ),
        ]
    );
    let without_vip = lacking.replace("    vip: 10.0.0.10\n", "");
    assert_eq!(faults(&without_vip).len(), 1);
}

#[test]
fn names_dbids_and_vips_are_unique_over_all_solutions_and_hosts_are_not() {
    let west = "
  west:
    hosts: { vmhost1: , vmhost2: }
    vip: 10.0.0.10
    applications:
      VM_SIPServer_1: { dbid: 251, component: vm-sip-server, host: vmhost1 }
      W2:             { dbid: 151, component: vm-sip-server, host: VMHOST2 }
sources:";
    assert_eq!(
        faults(&changed("\nsources:", west)),
        [
            "27:10: error: solutions.west.vip: 10.0.0.10 is already the VIP of east",
            "29:7: error: solutions.west.applications.VM_SIPServer_1: already an application of solution east, line 12",
            "30:31: error: solutions.west.applications.W2.dbid: 151 is already the DBID of VM_SIPServer_1, line 12",
        ]
    );
}

#[test]
fn a_pack_that_is_wrong_is_told_at_its_place_in_its_own_file() {
    let text = changed("state: ./state", "packs: [site.yaml]");
    let files = InMemory::default().file("t.yaml", text, 0o640).file(
        "site.yaml",
        "pack: site\nrules:\n  - { line: 'a(', kind: failed }\n",
        0o640,
    );
    let Loaded { config, faults } = load(&files, Path::new("t.yaml"), &[]);
    assert!(config.is_none());
    assert_eq!(&*faults[0].place.file, "site.yaml");
    assert_eq!(faults[0].place.line, 3);
}

#[test]
fn a_file_that_is_not_there_or_not_a_map_is_one_fault() {
    let texts = |loaded: Loaded| {
        loaded
            .faults
            .iter()
            .map(Fault::to_string)
            .collect::<Vec<_>>()
    };
    let absent = load(&InMemory::default(), Path::new("t.yaml"), &[]);
    assert_eq!(
        texts(absent),
        ["t.yaml: error: cannot read it: entity not found"]
    );
    assert_eq!(
        faults("- a\n"),
        ["1:1: error: found a list, expected a map"]
    );
    assert_eq!(faults(""), ["1:1: error: `solutions` is missing"]);
}

#[test]
fn ten_different_faults_are_ten_faults_each_at_its_place() {
    let mut text = SAMPLE.to_owned();
    for (old, new) in [
        ("listen: 127.0.0.1:9563", "listne: 127.0.0.1:9563"),
        ("mode: alert-only", "mode: alert"),
        ("10.0.0.12 }", "10.0.0.1200 }"),
        ("dbid: 153,", "dbid: 151,"),
        (
            "component: resource-manager,       host: vmhost1",
            "component: resource-manger, host: vmhost1",
        ),
        (
            "host: vmhost2 }\n      Premise",
            "host: vmhost3 }\n      Premise",
        ),
        ("window: 30s", "window: 30"),
        ("pack: scs", "pack: sc"),
        ("\"{dbid}\"", "\"{dbdi}\""),
        ("{secret:user}", "{secret:usr}"),
    ] {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    assert_eq!(
        faults(&text),
        [
            "3:1: error: listne: unknown key (did you mean `listen`?)",
            "6:11: error: solutions.east.mode: found `alert`, expected alert-only, active",
            "9:27: error: solutions.east.hosts.vmhost2.address: found `10.0.0.1200`, expected an IP address or a host name",
            "13:31: error: solutions.east.applications.VM_Server_1.dbid: 151 is already the DBID of VM_SIPServer_1, line 12",
            "14:47: error: solutions.east.applications.RM_1.component: found `resource-manger`, expected vm-sip-server, vm-server, resource-manager, media-control-platform, premise-sip-server (did you mean `resource-manager`?)",
            "19:77: error: solutions.east.applications.MCP_2.host: `vmhost3` is no host of this pair (vmhost1, vmhost2)",
            "21:13: error: solutions.east.window: found `30`, expected a duration (as in 250ms, 5s, 2m, 1h30m)",
            "27:37: error: sources.1.pack: no pack is named `sc` (did you mean `scs`?)",
            "30:55: error: actions.switch-to-primary.command.2: no secret is named `usr` (did you mean `user`?)",
            "30:107: error: actions.switch-to-primary.command.5: unknown placeholder `{dbdi}` (did you mean `{dbid}`?)",
        ]
    );
}
