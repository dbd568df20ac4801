//! The pair without files and clocks: what is said where, and after how long, when something happens to it.

use std::time::Duration;

use super::command::masked;
use super::*;
use crate::time::Time;

const PASSWORD: &str = "p";

fn start() -> Time {
    "2026-11-02T20:30:00Z".parse().unwrap()
}

/// A pair, and all that it said with milliseconds since the last act.
struct Played {
    world: World,
    now: Time,
    since: Time,
    told: Vec<String>,
}

impl Played {
    fn new() -> Played {
        let (world, _) = World::begin(start());
        let (now, since) = (start(), start());
        let told = Vec::new();
        Played {
            world,
            now,
            since,
            told,
        }
    }

    fn act<T>(&mut self, act: impl FnOnce(&mut World, Time) -> T) -> T {
        self.since = self.now;
        self.told.clear();
        act(&mut self.world, self.now)
    }

    fn command(&mut self, argv: &str) -> Answer {
        let argv: Vec<String> = argv.split(' ').map(str::to_owned).collect();
        self.act(|world, now| world.command(now, &argv, PASSWORD))
    }

    /// Lets everything happen that is to happen.
    fn settle(&mut self) -> &[String] {
        while let Some(at) = self.world.next() {
            self.now = self.now.max(at);
            for line in self.world.tick(self.now) {
                let after = self.now.since(self.since).as_millis();
                let text = line.text.trim_end();
                let (_, text) = text.split_once(' ').unwrap_or(("", text));
                let text = text.trim_start_matches("> ").lines().next().unwrap_or("");
                self.told.push(format!("{after} {} {text}", line.who));
            }
        }
        &self.told
    }

    fn said(&self, what: &str) -> Vec<&String> {
        self.told
            .iter()
            .filter(|line| line.contains(what))
            .collect()
    }
}

fn host(host: Host) -> Target {
    Target::Host(host)
}

fn application(who: Who) -> Target {
    Target::Application(who)
}

#[test]
fn a_dead_host_is_told_as_the_field_tells_it() {
    let mut played = Played::new();
    assert!(played.act(|world, now| world.fail(now, host(Host::One))));
    played.settle();
    assert_eq!(
        played.said("Notify Host"),
        ["300 SCS_P Notify Host: Unavailable {111, vmhost1}"]
    );
    // Both events of each of its four applications, by SCS and by Message Server.
    for id in ["MESSAGE#=5091", "MESSAGE#=5064"] {
        assert_eq!(played.said(id).len(), 4, "{id}: {:#?}", played.told);
    }
    for id in ["05091", "05064"] {
        assert_eq!(played.said(&format!("GCTI-00-{id}")).len(), 4);
    }
    assert_eq!(
        played.said("04563"),
        [
            "950 VM_SIPServer_2 Std 04563 Hot Standby (Primary) mode activated",
            "2700 VM_Server_2 Std 04563 Hot Standby (Primary) mode activated",
        ]
    );
    assert!(played.said("04561").is_empty(), "the dead say nothing");
    assert!(!played.act(|world, now| world.fail(now, host(Host::One))));
}

#[test]
fn the_survivors_applications_lead_after_a_failure_and_the_returned_are_backup() {
    for dead in Host::ALL.iter().copied() {
        let mut played = Played::new();
        if dead == Host::Two {
            played.act(|world, now| world.switch(now, Who::SipServer2));
            played.act(|world, now| world.switch(now, Who::VmServer2));
            played.settle();
        }
        played.act(|world, now| world.fail(now, host(dead)));
        played.settle();
        played.act(|world, now| world.start(now, host(dead)));
        played.settle();
        for who in Who::ALL.iter().copied().filter(|who| who.is_switched()) {
            let leads = who.host() == Some(dead.other());
            assert_eq!(played.world.is_primary(who), leads, "{who}");
            assert!(played.world.is_running(who), "{who}");
        }
    }
}

#[test]
fn a_host_that_comes_back_says_so_and_its_applications_write_new_segments() {
    let mut played = Played::new();
    played.act(|world, now| world.fail(now, host(Host::One)));
    played.settle();
    let had = played.world.has_vip(Host::One);
    played.act(|world, now| world.start(now, host(Host::One)));
    let mut files = Vec::new();
    while let Some(at) = played.world.next() {
        played.now = played.now.max(at);
        files.extend(played.world.tick(played.now));
    }
    assert_eq!(
        (had, played.world.has_vip(Host::One)),
        (true, true),
        "it holds the address still"
    );
    let first = files.first().unwrap();
    assert!(
        first.text.contains("Notify Host: Running {111, vmhost1}"),
        "{first:?}"
    );
    let of_sip: Vec<_> = files
        .iter()
        .filter(|line| line.who == Who::SipServer1)
        .collect();
    assert!(
        of_sip[0]
            .text
            .starts_with("Application name:   VM_SIPServer_1\n")
    );
    assert!(
        of_sip
            .iter()
            .all(|line| line.file == of_sip[0].file && !line.file.contains("_203000_"))
    );
    let ids: Vec<&str> = of_sip[1..].iter().map(|line| &line.text[28..33]).collect();
    assert_eq!(ids, ["05060", "05061", "04561"]);
}

#[test]
fn who_fails_alone_is_reported_and_only_a_switched_primary_is_replaced() {
    let table = [
        (Who::SipServer1, Some(Who::SipServer2)),
        (Who::VmServer1, Some(Who::VmServer2)),
        (Who::ResourceManager1, None),
        (Who::MediaControl1, None),
        (Who::SipServer2, None),
        (Who::VmServer2, None),
        (Who::ResourceManager2, None),
        (Who::MediaControl2, None),
        (Who::Premise, None),
    ];
    for (who, follows) in table {
        let mut played = Played::new();
        played.act(|world, now| world.fail(now, application(who)));
        played.settle();
        assert_eq!(played.said("MESSAGE#=5091").len(), 1, "{who}");
        assert_eq!(
            played.said(&format!("{who}   GCTI-00-05064")).len(),
            1,
            "{who}"
        );
        let promoted: Vec<bool> = played
            .said("04563")
            .iter()
            .map(|line| line.contains("_2"))
            .collect();
        assert_eq!(promoted.len(), usize::from(follows.is_some()), "{who}");
        assert!(
            follows.is_none_or(|peer| played.world.is_primary(peer)),
            "{who}"
        );
    }
}

#[test]
fn a_planned_stop_is_no_failure() {
    let mut played = Played::new();
    played.act(|world, now| world.stop(now, Who::ResourceManager1));
    assert_eq!(
        played.settle(),
        [
            "0 SCS_P #### App{155,RM_1} status changed to APP_STATUS_STOP_TRANSITION mode=APP_MODE_PRIMARY, [prev=APP_STATUS_RUNNING]",
            "0 RM_1 Std 05063 Normal termination",
        ]
    );
}

#[test]
fn mlcmd_switches_and_both_servers_say_so() {
    let mut played = Played::new();
    let answer = played.command("mlcmd -csuser u -cspassword p -switch 154");
    assert_eq!(
        (answer.exit, answer.did.as_str()),
        (0, "switches VM_Server_2 to primary")
    );
    assert_eq!(
        played.settle(),
        [
            "0 SCS_P ##### Request change RUNMODE for Application <154,VM_Server_2> from 'BACKUP' to 'PRIMARY'",
            "120 VM_Server_2 Std 04563 Hot Standby (Primary) mode activated",
            "180 VM_Server_1 Std 04561 Hot Standby (backup) mode activated",
            "195 SCS_P AppRunModeChanged newMode='PRIMARY', App <DBID=154, VM_Server_2, PID=4856>, [prevMode=BACKUP], <APP_STATUS_RUNNING>",
            "255 SCS_P AppRunModeChanged newMode='BACKUP', App <DBID=153, VM_Server_1, PID=4852>, [prevMode=PRIMARY], <APP_STATUS_RUNNING>",
        ]
    );
    let again = played.command("mlcmd -csuser u -cspassword p -switch 154");
    assert_eq!(
        (again.exit, again.did.as_str()),
        (0, "VM_Server_2 is primary already")
    );
    assert!(played.settle().is_empty());
}

#[test]
fn the_address_moves_as_vip_is_told_and_a_dead_host_cannot_be_told() {
    let mut played = Played::new();
    let probes = |played: &mut Played, state: &str| {
        let on = |host: Host| format!("vip probe {state} {VIP} on {}", host.address());
        [Host::One, Host::Two].map(|host| played.command(&on(host)).exit)
    };
    assert_eq!(probes(&mut played, "up"), [0, 1]);
    assert_eq!(probes(&mut played, "down"), [1, 0]);
    let up = played.command("vip up 10.0.0.10 on 10.0.0.12");
    assert_eq!(up.did, "enables 10.0.0.10 on vmhost2; vmhost1 holds it too");
    played.settle();
    played.command("vip down 10.0.0.10 on 10.0.0.11");
    played.settle();
    assert_eq!(probes(&mut played, "up"), [1, 0]);
    assert_eq!(
        played.command("vip announce 10.0.0.10 on 10.0.0.12").did,
        "announces 10.0.0.10 from vmhost2"
    );

    played.act(|world, now| world.fail(now, host(Host::Two)));
    let down = played.command("vip down 10.0.0.10 on 10.0.0.12");
    assert_eq!(
        (down.exit, down.takes),
        (1, Some(Duration::from_millis(300)))
    );
    played.world.behave_unreachable(Behaviour::Hang);
    let down = played.command("vip down 10.0.0.10 on 10.0.0.12");
    assert_eq!(down.takes, None);
    played.settle();
    assert!(played.world.has_vip(Host::Two));
}

#[test]
fn a_command_behaves_as_it_is_told() {
    // Behaviour, exit, whether it ends by itself, when the address is there.
    let table = [
        (Behaviour::Ok, 0, true, Some(0)),
        (Behaviour::Hang, 0, false, None),
        (Behaviour::Lie, 0, true, None),
        (Behaviour::Fail, 1, true, None),
        (Behaviour::Grandchild, 0, true, Some(0)),
        (Behaviour::Slow, 0, true, Some(SLOW.as_millis())),
    ];
    for (behaviour, exit, ends, there) in table {
        let mut played = Played::new();
        played.world.behave(Tool::VipUp, behaviour);
        let answer = played.command("vip up 10.0.0.10 on 10.0.0.12");
        assert_eq!(
            (answer.exit, answer.takes.is_some()),
            (exit, ends),
            "{behaviour}"
        );
        let due = played.world.next().map(|at| at.since(start()).as_millis());
        assert_eq!(due, there, "{behaviour}");
        played.settle();
        assert_eq!(
            played.world.has_vip(Host::Two),
            there.is_some(),
            "{behaviour}"
        );
        // It is the one command that was told.
        assert_eq!(played.command("vip down 10.0.0.10 on 10.0.0.11").exit, 0);
    }
}

#[test]
fn what_is_no_command_of_the_pair_does_nothing() {
    for argv in [
        "mlcmd -cspassword wrong -switch 154",
        "mlcmd -switch 154",
        "mlcmd -cspassword p -switch 155",
        "mlcmd -cspassword p -switch many",
        "vip up 10.0.0.99 on 10.0.0.12",
        "vip up 10.0.0.10 on 10.0.0.99",
        "vip turn 10.0.0.10 on 10.0.0.12",
        "rm -r /",
    ] {
        let mut played = Played::new();
        let answer = played.command(argv);
        assert_eq!((answer.exit, answer.tool), (2, None), "{argv}");
        assert_eq!(played.world.next(), None, "{argv}");
    }
}

#[test]
fn the_password_is_shown_to_nobody() {
    let argv = [
        "mlcmd",
        "-csuser",
        "u",
        "-cspassword",
        "p",
        "-switch",
        "154",
    ]
    .map(str::to_owned);
    assert_eq!(
        masked(&argv).join(" "),
        "mlcmd -csuser u -cspassword *** -switch 154"
    );
}

#[test]
fn the_dead_make_no_noise_and_the_others_all_do() {
    let mut played = Played::new();
    played.act(|world, now| world.fail(now, host(Host::One)));
    played.settle();
    let mut heard = Vec::new();
    for _ in 0..40 {
        played.now = played.now.plus(Duration::from_millis(100));
        let lines = played.world.noise(played.now);
        heard.extend(lines.into_iter().map(|line| line.who));
    }
    for who in Who::ALL.iter().copied() {
        let count = heard.iter().filter(|each| **each == who).count();
        match who.host() {
            Some(Host::One) => assert_eq!(count, 0, "{who}"),
            _ => assert!((4..=5).contains(&count), "{who}: {count}"),
        }
    }
}

#[test]
fn a_target_is_named_as_people_name_it() {
    for (text, target) in [
        ("host1", host(Host::One)),
        ("host 2", host(Host::Two)),
        ("vmhost2", host(Host::Two)),
        ("RM_1", application(Who::ResourceManager1)),
        ("vm_sipserver_2", application(Who::SipServer2)),
    ] {
        assert_eq!(text.parse(), Ok(target), "{text}");
    }
    for text in ["", "host3", "SCS_P", "host"] {
        assert!(text.parse::<Target>().is_err(), "{text}");
    }
}
