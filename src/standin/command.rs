//! The commands of the field, as their stand-ins understand them: what each one does to the pair, or fails to do.
//!
//! ```text
//! mlcmd -csuser U -cspassword P -switch DBID          makes an application primary
//! mlcmd -csuser U -cspassword P -getallappstatus      tells the Management Layer's view of all of them
//! vip up|down|announce VIP on ADDRESS                 moves the address
//! vip probe up|down VIP on ADDRESS                    exit 0 if it is so already
//! ```

use std::time::Duration;

use super::cast::{Host, VIP, Who};
use super::change::Change;
use super::world::World;
use crate::time::Time;
use crate::words::words;

/// How long a connection to a host that is down is tried.
const CONNECT: Duration = Duration::from_millis(300);
/// How much longer a slow command takes.
pub const SLOW: Duration = Duration::from_secs(2);
const HIDDEN: &str = "***";

words! {
    /// What a command is for.
    Tool {
        Switch = "mlcmd",
        Status = "status",
        VipUp = "vip-up",
        VipDown = "vip-down",
        VipProbe = "vip-probe",
        VipAnnounce = "vip-announce",
    }
}

words! {
    /// How a command is told to behave.
    Behaviour {
        Ok = "ok",
        /// It never ends and does nothing.
        Hang = "hang",
        /// It says that all went well and does nothing.
        Lie = "lie",
        /// It says that it failed, and does nothing.
        Fail = "fail",
        /// It does its work and ends, and leaves a process behind that holds its output and has left its group.
        Grandchild = "grandchild",
        /// It does its work two seconds later.
        Slow = "slow",
    }
}

/// What a started command turns out to be, and how its process goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// None if the arguments were not understood.
    pub tool: Option<Tool>,
    pub behaviour: Behaviour,
    /// The application or host that it is about.
    pub target: Option<&'static str>,
    /// What it does, in the present tense.
    pub did: String,
    pub out: String,
    pub err: String,
    pub exit: u8,
    /// How long it runs; None: until somebody ends it.
    pub takes: Option<Duration>,
}

/// The arguments, understood.
enum Request {
    Switch(Who),
    Status,
    Vip(Tool, Host),
    /// Is the address there, or gone?
    Probe(Host, bool),
}

impl World {
    /// A command is started. What it does is planned, and done by the next [`tick`](World::tick) that is due.
    pub fn command(&mut self, now: Time, argv: &[String], password: &str) -> Answer {
        let request = match understood(argv, password) {
            Ok(request) => request,
            Err(told) => return Answer::failed(None, None, told.to_owned(), 2),
        };
        let (tool, target, host) = request.about();
        let behaviour = self.behaviour(tool);
        if let Some(host) = host.filter(|host| !self.is_up(*host)) {
            let hangs = self.unreachable == Behaviour::Hang || behaviour == Behaviour::Hang;
            let told = format!(
                "connect to host {} port 22: No route to host",
                host.address()
            );
            let answer = Answer::failed(Some(tool), target, told, 1);
            return Answer {
                behaviour: if hangs { Behaviour::Hang } else { behaviour },
                takes: (!hangs).then_some(CONNECT),
                ..answer
            };
        }
        let answer = Answer {
            behaviour,
            ..self.intended(&request, tool, target)
        };
        match behaviour {
            Behaviour::Ok | Behaviour::Grandchild => self.carry_out(now, &request),
            Behaviour::Slow => self.carry_out(now.plus(SLOW), &request),
            Behaviour::Hang | Behaviour::Lie | Behaviour::Fail => {}
        }
        answer.changed()
    }

    /// What it would do, were there nothing wrong with it.
    fn intended(&self, request: &Request, tool: Tool, target: Option<&'static str>) -> Answer {
        let ends = |did: String| Answer::done(tool, target, did);
        match request {
            Request::Switch(who) if self.is_primary(*who) => {
                ends(format!("{who} is primary already"))
            }
            Request::Switch(who) if !self.is_running(*who) => {
                Answer::failed(Some(tool), target, format!("{who} does not run"), 1)
            }
            Request::Switch(who) => ends(format!("switches {who} to primary")),
            Request::Status => Answer {
                out: self.status_text(),
                ..ends("tells the status of all applications".to_owned())
            },
            Request::Vip(Tool::VipUp, host) => {
                let other = host.other();
                let twice = self.is_up(other) && self.has_vip(other);
                let conflict = if twice {
                    format!("; {other} holds it too")
                } else {
                    String::new()
                };
                ends(format!("enables {VIP} on {host}{conflict}"))
            }
            Request::Vip(Tool::VipDown, host) => ends(format!("disables {VIP} on {host}")),
            Request::Vip(_, host) => ends(format!("announces {VIP} from {host}")),
            Request::Probe(host, wanted) => {
                let there = self.has_vip(*host);
                let word = if there { "holds" } else { "does not hold" };
                let did = format!("{host} {word} {VIP}");
                match there == *wanted {
                    true => ends(did),
                    false => Answer::failed(Some(tool), target, did, 1),
                }
            }
        }
    }

    fn carry_out(&mut self, at: Time, request: &Request) {
        match request {
            Request::Switch(who) => {
                if self.is_running(*who) && !self.is_primary(*who) {
                    self.plan(at, Change::Request(*who));
                }
            }
            Request::Vip(Tool::VipUp, host) => self.plan(at, Change::SetVip(*host, true)),
            Request::Vip(Tool::VipDown, host) => self.plan(at, Change::SetVip(*host, false)),
            Request::Vip(..) | Request::Status | Request::Probe(..) => {}
        }
    }

    fn status_text(&self) -> String {
        let block = |who: Who| {
            let known = who.host().is_none_or(|host| self.is_up(host));
            let (status, mode) = match (known, self.is_running(who)) {
                (false, _) => ("UNKNOWN", "UNKNOWN"),
                (true, false) => ("STOPPED", "EXITING"),
                (true, true) => ("RUNNING", self.mode(who)),
            };
            format!(
                "Application: {who}\nDBID: {}\nStatus: APP_STATUS_{status}\nRunmode: {mode}\n\n",
                who.dbid()
            )
        };
        Who::applications().map(block).collect()
    }
}

impl Answer {
    fn done(tool: Tool, target: Option<&'static str>, did: String) -> Answer {
        Answer {
            tool: Some(tool),
            behaviour: Behaviour::Ok,
            target,
            out: format!("{did}\n"),
            did,
            err: String::new(),
            exit: 0,
            takes: Some(Duration::ZERO),
        }
    }

    fn failed(tool: Option<Tool>, target: Option<&'static str>, did: String, exit: u8) -> Answer {
        Answer {
            tool,
            behaviour: Behaviour::Ok,
            target,
            out: String::new(),
            err: format!("{did}\n"),
            did,
            exit,
            takes: Some(Duration::ZERO),
        }
    }

    /// The same under the behaviour that it was told.
    fn changed(self) -> Answer {
        let did = |what: &str| format!("{what} ({})", self.did);
        match self.behaviour {
            Behaviour::Ok => self,
            Behaviour::Hang => Answer {
                did: did("hangs"),
                out: String::new(),
                takes: None,
                ..self
            },
            Behaviour::Lie => Answer {
                did: did("does nothing and says it did"),
                exit: 0,
                ..self
            },
            Behaviour::Fail => Answer {
                did: did("fails"),
                out: String::new(),
                err: "failed, as it was told to\n".to_owned(),
                exit: 1,
                ..self
            },
            Behaviour::Grandchild => Answer {
                did: did("leaves a process behind"),
                ..self
            },
            Behaviour::Slow => Answer {
                did: did("takes its time"),
                takes: Some(SLOW),
                ..self
            },
        }
    }
}

impl Request {
    /// Its tool, the name of its target, and the host that it has to reach.
    fn about(&self) -> (Tool, Option<&'static str>, Option<Host>) {
        match self {
            // The Management Layer runs elsewhere, and answers whatever happens to the pair.
            Request::Switch(who) => (Tool::Switch, Some(who.word()), None),
            Request::Status => (Tool::Status, None, None),
            Request::Vip(tool, host) => (*tool, Some(host.word()), Some(*host)),
            Request::Probe(host, _) => (Tool::VipProbe, Some(host.word()), Some(*host)),
        }
    }
}

/// The arguments with `***` for the password.
pub fn masked(argv: &[String]) -> Vec<String> {
    let before = std::iter::once("").chain(argv.iter().map(String::as_str));
    let show = |(before, word): (&str, &String)| match before {
        "-cspassword" => HIDDEN.to_owned(),
        _ => word.clone(),
    };
    before.zip(argv).map(show).collect()
}

fn understood(argv: &[String], password: &str) -> Result<Request, &'static str> {
    let words: Vec<&str> = argv.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["mlcmd", options @ ..] => mlcmd(options, password),
        ["vip", "probe", wanted @ ("up" | "down"), VIP, "on", address] => {
            Ok(Request::Probe(host(address)?, *wanted == "up"))
        }
        ["vip", verb, VIP, "on", address] => {
            let tool = match *verb {
                "up" => Tool::VipUp,
                "down" => Tool::VipDown,
                "announce" => Tool::VipAnnounce,
                _ => return Err("vip: up, down, announce or probe"),
            };
            Ok(Request::Vip(tool, host(address)?))
        }
        _ => Err("not a command of this pair"),
    }
}

fn mlcmd(options: &[&str], password: &str) -> Result<Request, &'static str> {
    let after = |name: &str| {
        let at = options.iter().position(|option| *option == name)?;
        options.get(at + 1).copied()
    };
    if after("-cspassword") != Some(password) {
        return Err("mlcmd: wrong password");
    }
    if options.contains(&"-getallappstatus") {
        return Ok(Request::Status);
    }
    let dbid = after("-switch").and_then(|dbid| dbid.parse().ok());
    let who = dbid.and_then(Who::of_dbid).filter(|who| who.is_switched());
    who.map(Request::Switch)
        .ok_or("mlcmd: no such application can be switched")
}

fn host(address: &str) -> Result<Host, &'static str> {
    Host::of_address(address).ok_or("vip: no host has that address")
}
