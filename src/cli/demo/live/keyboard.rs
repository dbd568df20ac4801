//! What can be typed while the pair runs.

use super::Stage;
use crate::standin::{Behaviour, Host, Target, Tool, Who, World};
use crate::words::words;

const HELP: [&str; 7] = [
    "  kill host 1     it dies with all that runs on it; also an application: kill RM_1",
    "  start host 1    it comes back",
    "  stop RM_1       somebody stops an application, which is no failure",
    "  switch          an operator switches the backup VM SIP Server; or another: switch VM_Server_2",
    "  hang vip        its commands hang from now on; also lie, fail, slow, grandchild; heal ends it; vip or mlcmd",
    "  status          what is so, and what the daemon believes",
    "  quit",
];

/// Does what is typed, until the end of it.
pub(super) fn play(stage: &mut Stage) -> anyhow::Result<()> {
    help(stage)?;
    loop {
        let Some(line) = stage.look()? else { continue };
        match line.parse() {
            Ok(Typed::Quit) => return Ok(()),
            Ok(typed) => carry_out(stage, typed)?,
            Err(wrong) => stage.say(&wrong)?,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Typed {
    Nothing,
    Kill(Target),
    Start(Target),
    Stop(Who),
    Switch(Option<Who>),
    Behave(Tools, Behaviour),
    Status,
    Help,
    Quit,
}

words! {
    Tools {
        Vip = "vip",
        Mlcmd = "mlcmd",
    }
}

impl Tools {
    const fn tools(self) -> &'static [Tool] {
        match self {
            Tools::Vip => &[Tool::VipUp, Tool::VipDown, Tool::VipAnnounce],
            Tools::Mlcmd => &[Tool::Switch],
        }
    }
}

impl std::str::FromStr for Typed {
    type Err = String;

    fn from_str(line: &str) -> Result<Typed, String> {
        let line = line.trim();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        let target = || rest.parse::<Target>();
        let application = || match target()? {
            Target::Application(who) => Ok(who),
            Target::Host(_) => Err(format!("{verb} an application, not a host")),
        };
        let behaviour = match verb {
            "heal" => Some(Behaviour::Ok),
            _ => Behaviour::from_word(verb).filter(|each| *each != Behaviour::Ok),
        };
        match (verb, behaviour) {
            (_, Some(behaviour)) => match Tools::from_word(rest) {
                Some(tools) => Ok(Typed::Behave(tools, behaviour)),
                None => Err(format!("{verb} what? vip or mlcmd")),
            },
            ("", _) => Ok(Typed::Nothing),
            ("kill", _) => Ok(Typed::Kill(target()?)),
            ("start", _) => Ok(Typed::Start(target()?)),
            ("stop", _) => Ok(Typed::Stop(application()?)),
            ("switch", _) if rest.is_empty() => Ok(Typed::Switch(None)),
            ("switch", _) => Ok(Typed::Switch(Some(application()?))),
            ("status", _) => Ok(Typed::Status),
            ("help", _) => Ok(Typed::Help),
            ("quit", _) => Ok(Typed::Quit),
            _ => Err(format!(
                "`{verb}` is nothing that can be done here: type help"
            )),
        }
    }
}

fn carry_out(stage: &mut Stage, typed: Typed) -> anyhow::Result<()> {
    match typed {
        Typed::Nothing | Typed::Quit => Ok(()),
        Typed::Help => help(stage),
        Typed::Status => status(stage),
        Typed::Kill(target) => act(stage, |world, now| world.fail(now, target)),
        Typed::Start(target) => act(stage, |world, now| world.start(now, target)),
        Typed::Stop(who) => act(stage, |world, now| world.stop(now, who)),
        Typed::Switch(who) => act(stage, |world, now| {
            let who = who.unwrap_or_else(|| backup(world));
            world.switch(now, who)
        }),
        Typed::Behave(tools, behaviour) => act(stage, |world, _| {
            let mut tools = tools.tools().iter();
            tools
                .by_ref()
                .for_each(|tool| world.behave(*tool, behaviour));
            true
        }),
    }
}

fn help(stage: &mut Stage) -> anyhow::Result<()> {
    for line in HELP {
        stage.say(line)?;
    }
    Ok(())
}

/// Times are counted from here. What cannot be done is no reason to end.
fn act(
    stage: &mut Stage,
    act: impl FnOnce(&mut World, crate::time::Time) -> bool,
) -> anyhow::Result<()> {
    match stage.act(act) {
        Ok(now) => stage.narrator.begin(now),
        Err(why) => stage.say(&why.to_string())?,
    }
    Ok(())
}

fn status(stage: &mut Stage) -> anyhow::Result<()> {
    let world = stage.folder.world()?;
    let so = Host::ALL
        .iter()
        .map(|host| host_is(&world, *host))
        .collect::<Vec<_>>();
    stage.head("so", &so)?;
    let believed = stage.daemon.get("status", "text")?;
    let believed = believed.lines().map(str::to_owned).collect::<Vec<_>>();
    stage.head("believed", &believed)?;
    Ok(())
}

fn host_is(world: &World, host: Host) -> String {
    if !world.is_up(host) {
        return format!("{host} is down");
    }
    let vip = if world.has_vip(host) {
        "with the VIP"
    } else {
        "without the VIP"
    };
    let role = |who: Who| match (
        world.is_running(who),
        who.is_switched(),
        world.is_primary(who),
    ) {
        (false, ..) => format!("{who} down"),
        (true, false, _) => format!("{who} up"),
        (true, true, true) => format!("{who} primary"),
        (true, true, false) => format!("{who} backup"),
    };
    let roles: Vec<String> = host.applications().map(role).collect();
    format!("{host} {vip}: {}", roles.join(", "))
}

/// The SIP Server that is not primary.
fn backup(world: &World) -> Who {
    match world.is_primary(Who::SipServer2) {
        true => Who::SipServer1,
        false => Who::SipServer2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_understood_as_it_is_said() {
        use Typed::*;
        for (line, typed) in [
            ("", Nothing),
            ("kill host 1", Kill(Target::Host(Host::One))),
            (
                " kill  rm_1 ",
                Kill(Target::Application(Who::ResourceManager1)),
            ),
            ("start vmhost2", Start(Target::Host(Host::Two))),
            ("stop RM_1", Stop(Who::ResourceManager1)),
            ("switch", Switch(None)),
            ("switch VM_Server_2", Switch(Some(Who::VmServer2))),
            ("hang vip", Behave(Tools::Vip, Behaviour::Hang)),
            ("heal mlcmd", Behave(Tools::Mlcmd, Behaviour::Ok)),
            ("status", Status),
            ("help", Help),
            ("quit", Quit),
        ] {
            assert_eq!(line.parse(), Ok(typed), "{line}");
        }
        for line in [
            "kill",
            "kill host 3",
            "stop host 1",
            "hang",
            "hang all",
            "ok vip",
            "dance",
        ] {
            assert!(line.parse::<Typed>().is_err(), "{line}");
        }
    }
}
