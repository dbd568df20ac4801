//! The bodies of the operator's verbs: what is sent, and what the core is asked for.

use std::sync::Arc;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::View;
use super::failure::Failure;
use crate::decide::{Request, Verb};
use crate::time::Time;
use crate::topology::Topology;
use crate::yaml;

/// A pause always has an end; longer work is a maintenance window of the configuration.
pub const PAUSE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
const BY_CHARS_MAX: usize = 100;
const WHY_CHARS_MAX: usize = 500;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    pub solution: String,
    /// A duration such as `2h`.
    #[serde(rename = "for")]
    pub length: String,
    pub by: String,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    pub solution: String,
    pub by: String,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Acknowledge {
    pub incident: String,
    pub by: String,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Force {
    pub solution: String,
    /// The host that the pair moves to.
    pub to: String,
    pub by: String,
    pub why: String,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forgive {
    /// The debt's id, `east:vmhost1`, or the incident that it comes from.
    pub id: String,
    pub by: String,
    pub why: String,
}

/// A body that asks the core for something: (solution, request).
pub(super) trait Body {
    fn request(self, view: &View, now: Time) -> Result<(usize, Request), Failure>;
}

impl Body for Pause {
    fn request(self, view: &View, now: Time) -> Result<(usize, Request), Failure> {
        let solution = solution(&view.config.topology, &self.solution)?;
        let length = yaml::duration(&self.length)
            .filter(|length| !length.is_zero() && *length <= PAUSE_MAX)
            .ok_or_else(|| {
                Failure::bad("`for` is a duration such as 30m or 2h, of at most 7 days")
            })?;
        let until = now.plus(length);
        Ok((solution, signed(Verb::Pause { until }, self.by, self.why)?))
    }
}

impl Body for Resume {
    fn request(self, view: &View, _: Time) -> Result<(usize, Request), Failure> {
        let solution = solution(&view.config.topology, &self.solution)?;
        Ok((solution, signed(Verb::Resume, self.by, self.why)?))
    }
}

impl Body for Acknowledge {
    fn request(self, view: &View, _: Time) -> Result<(usize, Request), Failure> {
        let incident: Arc<str> = self.incident.trim().into();
        let solutions = &view.config.topology.solutions;
        // The longest name that fits, since one pair's name may begin another's.
        let (solution, _) = solutions
            .iter()
            .enumerate()
            .filter(|(_, each)| {
                let rest = incident.strip_prefix(&*each.name);
                rest.is_some_and(|rest| rest.starts_with('-'))
            })
            .max_by_key(|(_, each)| each.name.len())
            .ok_or_else(|| Failure::not_found("no pair has an incident of that id"))?;
        let verb = Verb::Acknowledge { incident };
        Ok((solution, signed(verb, self.by, self.why)?))
    }
}

impl Body for Force {
    fn request(self, view: &View, _: Time) -> Result<(usize, Request), Failure> {
        let topology = &view.config.topology;
        let solution = solution(topology, &self.solution)?;
        let described = topology.solutions.get(solution);
        let hosts = &described.ok_or_else(Failure::outdated)?.hosts;
        let places = topology.host(&self.to).iter();
        let to = places
            .filter(|(of, _)| *of == solution)
            .map(|(_, host)| *host)
            .next()
            .ok_or_else(|| {
                let [one, other] = hosts.each_ref().map(|host| &host.name);
                Failure::not_found(format!(
                    "the hosts of {} are {one} and {other}",
                    self.solution
                ))
            })?;
        Ok((solution, signed(Verb::Force { to }, self.by, self.why)?))
    }
}

impl Body for Forgive {
    fn request(self, view: &View, _: Time) -> Result<(usize, Request), Failure> {
        let pairs = view.snapshot.solutions.iter().enumerate();
        let (solution, debt) = pairs
            .flat_map(|(index, pair)| pair.owed.iter().map(move |debt| (index, debt)))
            .find(|(_, debt)| debt.id == self.id || *debt.incident == *self.id)
            .ok_or_else(|| Failure::not_found("nothing of that id is owed"))?;
        let described = view.config.topology.solutions.get(solution);
        let described = described.ok_or_else(Failure::outdated)?;
        let is_it = |host: &crate::topology::Host| host.name == debt.host;
        let host = described
            .hosts
            .iter()
            .position(is_it)
            .ok_or_else(Failure::outdated)?;
        let verb = Verb::Forgive { host };
        Ok((solution, signed(verb, self.by, self.why)?))
    }
}

fn solution(topology: &Topology, name: &str) -> Result<usize, Failure> {
    let solutions = &topology.solutions;
    let found = solutions.iter().position(|each| *each.name == *name);
    found.ok_or_else(|| Failure::not_found(format!("there is no solution `{name}`")))
}

/// Who asks and why, as they are journaled; else what is wrong with one of them.
pub fn signature(by: &str, why: &str) -> Result<(Arc<str>, Arc<str>), String> {
    let line = |text: &str, name: &str, chars_max: usize| -> Result<Arc<str>, String> {
        let text = text.trim();
        let fits = !text.is_empty() && text.chars().count() <= chars_max;
        match fits && !text.chars().any(char::is_control) {
            true => Ok(text.into()),
            false => Err(format!(
                "`{name}` is one line of at most {chars_max} characters, and is not empty"
            )),
        }
    };
    Ok((
        line(by, "by", BY_CHARS_MAX)?,
        line(why, "why", WHY_CHARS_MAX)?,
    ))
}

/// Nothing is done without a who and a why.
fn signed(verb: Verb, by: String, why: String) -> Result<Request, Failure> {
    let (by, why) = signature(&by, &why).map_err(Failure::bad)?;
    Ok(Request { verb, by, why })
}
