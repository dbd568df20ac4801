//! The names behind the numbers: entries name solutions, hosts and applications by their places in the
//! configuration of their run, so each run keeps that much of its configuration.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::topology::{
    ActionMode, Application, Component, Host, Policy, Solution, Topology, Trigger,
};

/// What a run keeps of its topology: enough to fold its entries and to tell them, nothing that is secret.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Names(Vec<SolutionNames>);

#[derive(Debug, Serialize, Deserialize)]
struct SolutionNames {
    name: Arc<str>,
    mode: ActionMode,
    vip: Option<Arc<str>>,
    hosts: [Arc<str>; 2],
    applications: Vec<ApplicationNames>,
}

#[derive(Debug, Serialize, Deserialize)]
struct ApplicationNames {
    name: Arc<str>,
    dbid: u32,
    host: Option<usize>,
    component: Arc<str>,
    trigger: Trigger,
    switched: bool,
    vip_follows: bool,
}

impl Names {
    pub fn of(topology: &Topology) -> Names {
        let application = |each: &Application| ApplicationNames {
            name: each.name.clone(),
            dbid: each.dbid,
            host: each.host,
            component: each.component.name.clone(),
            trigger: each.component.trigger,
            switched: each.component.switched,
            vip_follows: each.component.vip_follows,
        };
        let solution = |each: &Solution| SolutionNames {
            name: each.name.clone(),
            mode: each.policy.mode,
            vip: each.vip.clone(),
            hosts: each.hosts.each_ref().map(|host| host.name.clone()),
            applications: each.applications.iter().map(application).collect(),
        };
        Names(topology.solutions.iter().map(solution).collect())
    }

    /// The topology again, with default policies but for the mode.
    pub fn topology(self) -> Topology {
        Topology::new(self.0.into_iter().map(SolutionNames::solution).collect())
    }
}

impl SolutionNames {
    fn solution(self) -> Solution {
        let host = |name| Host {
            name,
            address: None,
            aliases: Vec::new(),
        };
        Solution {
            name: self.name,
            hosts: self.hosts.map(host),
            vip: self.vip,
            applications: self
                .applications
                .into_iter()
                .map(ApplicationNames::application)
                .collect(),
            policy: Policy {
                mode: self.mode,
                ..Policy::default()
            },
        }
    }
}

impl ApplicationNames {
    fn application(self) -> Application {
        Application {
            name: self.name,
            dbid: self.dbid,
            component: Component {
                name: self.component,
                trigger: self.trigger,
                switched: self.switched,
                vip_follows: self.vip_follows,
            },
            host: self.host.filter(|host| *host < 2),
        }
    }
}
