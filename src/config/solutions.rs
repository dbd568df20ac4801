//! Solutions: the pairs with their hosts and applications, and everything that must agree between them.

use std::collections::HashMap;
use std::sync::Arc;

use super::keys;
use super::policy;
use super::profiles::{Profile, Profiles};
use crate::topology::{Application, Component, Host, Policy, Solution, Trigger};
use crate::yaml::{Named, Table, Value, shown};

/// What the configuration says of one solution. Only one without faults becomes a `Solution`.
pub(super) struct Pair<'a> {
    pub(super) name: Arc<str>,
    pub(super) named: Named<'a>,
    pub(super) policy: Policy,
    pub(super) vip: Option<Arc<str>>,
    pub(super) hosts: Vec<PairHost<'a>>,
    pub(super) applications: Vec<Application>,
    /// The names of all its applications, with faults or without.
    pub(super) declared: Vec<Arc<str>>,
    /// `actions:` of the solution.
    pub(super) actions: Option<Value<'a>>,
}

pub(super) struct PairHost<'a> {
    pub(super) host: Host,
    pub(super) named: Named<'a>,
    /// `actions:` of the host.
    pub(super) actions: Option<Value<'a>>,
}

/// Names and numbers that may be used once in the whole file, with the words that tell who uses them.
#[derive(Default)]
struct Taken {
    applications: HashMap<Arc<str>, String>,
    dbids: HashMap<u32, String>,
    vips: HashMap<Arc<str>, Arc<str>>,
}

pub(super) fn read<'a>(
    value: Option<Value<'a>>,
    profiles: &Profiles,
    above: &Policy,
) -> Vec<Pair<'a>> {
    let mut taken = Taken::default();
    value
        .and_then(|value| value.named())
        .unwrap_or_default()
        .into_iter()
        .filter_map(|(named, value)| pair(named, &value, profiles, above, &mut taken))
        .collect()
}

fn pair<'a>(
    named: Named<'a>,
    value: &Value<'a>,
    profiles: &Profiles,
    above: &Policy,
    taken: &mut Taken,
) -> Option<Pair<'a>> {
    let table = value.table(&keys::SOLUTION.names())?;
    let mut policy = policy::read(&table, above);
    policy.mode = policy::mode(&table);
    policy.maintenance = super::maintenance::of_solution(table.get("maintenance"));
    let hosts = hosts(&table);
    let vip = vip(&table, &named.name, &hosts, taken);
    let profile = profiles.named(table.get("profile").as_ref());
    let mut pair = Pair {
        name: named.name.clone(),
        named,
        policy,
        vip,
        hosts,
        applications: Vec::new(),
        declared: Vec::new(),
        actions: table.get("actions"),
    };
    let listed = table.need("applications").and_then(|value| value.named());
    if let Some(listed) = &listed {
        pair.declared = listed.iter().map(|(named, _)| named.name.clone()).collect();
        let read: Vec<Option<Application>> = listed
            .iter()
            .map(|(named, value)| application(named, value, &pair, profile, taken))
            .collect();
        // With a component or a host unknown, what is missing from a host is not known either.
        let whole = pair.hosts.len() == 2 && read.iter().all(Option::is_some);
        if let (Some(profile), true) = (profile, whole) {
            pair.applications = read.into_iter().flatten().collect();
            check_hosts(&pair, profile, listed);
        }
    }
    Some(pair)
}

fn hosts<'a>(table: &Table<'a>) -> Vec<PairHost<'a>> {
    let Some(value) = table.need("hosts") else {
        return Vec::new();
    };
    let Some(listed) = value.named() else {
        return Vec::new();
    };
    if listed.len() != 2 {
        let names: Vec<&str> = listed.iter().map(|(named, _)| &*named.name).collect();
        let found = names.join(", ");
        let message = format!("a pair has two hosts, found {} ({found})", names.len());
        value.fault(message, None);
    }
    let mut hosts: Vec<PairHost<'a>> = Vec::new();
    for (named, value) in listed {
        let host = host(named, &value, &hosts);
        hosts.push(host);
    }
    hosts
}

fn host<'a>(named: Named<'a>, value: &Value<'a>, others: &[PairHost<'a>]) -> PairHost<'a> {
    let mut host = Host {
        name: named.name.clone(),
        address: None,
        aliases: Vec::new(),
    };
    let table = match value.is_nothing() {
        true => None,
        false => value.table(&keys::HOST.names()),
    };
    let unique = |name: &Arc<str>, value: &Value<'_>| {
        if let Some(other) = others.iter().find(|other| is_called(&other.host, name)) {
            value.fault(
                format!("{} is a name of {} too", shown(name), other.host.name),
                None,
            );
        }
    };
    if let Some(value) = table.as_ref().and_then(|table| table.get("address")) {
        host.address = value.address();
        host.address.iter().for_each(|name| unique(name, &value));
    }
    let aliases = table.as_ref().and_then(|table| table.get("aliases"));
    for value in aliases.and_then(|value| value.list()).unwrap_or_default() {
        if let Some(name) = value.name() {
            unique(&name, &value);
            host.aliases.push(name);
        }
    }
    if let Some(other) = others
        .iter()
        .find(|other| is_called(&other.host, &named.name))
    {
        named.fault(format!("this is a name of {} too", other.host.name), None);
    }
    let actions = table.and_then(|table| table.get("actions"));
    PairHost {
        host,
        named,
        actions,
    }
}

/// Host names are compared without case, as the network does.
fn is_called(host: &Host, name: &str) -> bool {
    let mut names = std::iter::once(&host.name)
        .chain(&host.address)
        .chain(&host.aliases);
    names.any(|each| each.to_lowercase() == name.to_lowercase())
}

/// Two pairs with one VIP would take it from each other.
fn vip(
    table: &Table<'_>,
    solution: &Arc<str>,
    hosts: &[PairHost<'_>],
    taken: &mut Taken,
) -> Option<Arc<str>> {
    let value = table.get("vip")?;
    let vip = value.address()?;
    if let Some(host) = hosts.iter().find(|each| is_called(&each.host, &vip)) {
        value.fault(format!("the VIP is a name of {} too", host.host.name), None);
    }
    match taken.vips.get(&vip) {
        Some(other) => value.fault(format!("{vip} is already the VIP of {other}"), None),
        None => {
            taken.vips.insert(vip.clone(), solution.clone());
        }
    }
    Some(vip)
}

fn application(
    named: &Named<'_>,
    value: &Value<'_>,
    pair: &Pair<'_>,
    profile: Option<&Profile>,
    taken: &mut Taken,
) -> Option<Application> {
    let user = format!("of solution {}, line {}", pair.name, named.at.place.line);
    if let Some(other) = taken.applications.get(&named.name) {
        named.fault(format!("already an application {other}"), None);
    } else {
        taken.applications.insert(named.name.clone(), user);
    }
    let table = value.table(&keys::APPLICATION.names())?;
    let dbid = table.need("dbid").and_then(|value| {
        let dbid = value.integer(1, u32::MAX)?;
        if let Some(other) = taken.dbids.get(&dbid) {
            value.fault(format!("{dbid} is already the DBID {other}"), None);
        } else {
            let user = format!("of {}, line {}", named.name, value.at().place.line);
            taken.dbids.insert(dbid, user);
        }
        Some(dbid)
    });
    let component = table.need("component");
    let component = component.and_then(|value| profile?.component(&value));
    let host = match table.get("host") {
        Some(value) => Some(host_index(&value, pair)?),
        None => None,
    };
    let component = component?;
    if host.is_none() && belongs_to_a_host(&component) {
        let message = format!(
            "`host` is missing: a {} runs on a host of the pair",
            component.name
        );
        value.fault(message, None);
        return None;
    }
    Some(Application {
        name: named.name.clone(),
        dbid: dbid?,
        component,
        host,
    })
}

/// A component that moves or is moved is part of the pair; one that means nothing may stand outside.
fn belongs_to_a_host(component: &Component) -> bool {
    component.switched || component.trigger != Trigger::Nothing
}

/// By the host's name, else by its address or an alias. Where the pair's hosts are at fault, no name is.
fn host_index(value: &Value<'_>, pair: &Pair<'_>) -> Option<usize> {
    let name = value.text()?;
    let hosts = || pair.hosts.iter().map(|each| &each.host);
    let found = hosts()
        .position(|host| host.name.to_lowercase() == name.to_lowercase())
        .or_else(|| hosts().position(|host| is_called(host, name)));
    if found.is_none() && pair.hosts.len() == 2 {
        let names: Vec<&str> = hosts().map(|host| &*host.name).collect();
        let message = format!(
            "{} is no host of this pair ({})",
            shown(name),
            names.join(", ")
        );
        value.fault(message, None);
    }
    found
}

/// Each host has the one component that the VIP follows, and something to take over what is switched.
fn check_hosts(pair: &Pair<'_>, profile: &Profile, listed: &[(Named<'_>, Value<'_>)]) {
    let Some(lead) = profile.lead() else { return };
    for (index, host) in pair.hosts.iter().enumerate() {
        let here = pair
            .applications
            .iter()
            .enumerate()
            .filter(|(_, each)| each.host == Some(index));
        let leads: Vec<usize> = here
            .filter(|(_, each)| each.component == *lead)
            .map(|(at, _)| at)
            .collect();
        if leads.is_empty() {
            host.named
                .fault(format!("no {} on this host", lead.name), None);
        }
        for (named, _) in leads.iter().skip(1).filter_map(|at| listed.get(*at)) {
            let message = format!("a second {} on {}", lead.name, host.host.name);
            named.fault(message, None);
        }
    }
    for (application, (named, _)) in pair.applications.iter().zip(listed) {
        let peer = pair.applications.iter().any(|other| {
            other.component == application.component && other.host != application.host
        });
        if application.component.switched && application.component != *lead && !peer {
            let message = format!(
                "no {} on the other host to take over",
                application.component.name
            );
            named.warn(message, None);
        }
    }
}

impl Pair<'_> {
    /// The pair without the file: none if its hosts are not two.
    pub(super) fn solution(&self) -> Option<Solution> {
        let [first, second] = self.hosts.as_slice() else {
            return None;
        };
        Some(Solution {
            name: self.name.clone(),
            hosts: [first.host.clone(), second.host.clone()],
            vip: self.vip.clone(),
            applications: self.applications.clone(),
            policy: self.policy.clone(),
        })
    }
}
