//! Profiles: what the components of one kind of pair mean, as data.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys;
use crate::topology::{Component, Trigger};
use crate::yaml::{Faults, Named, Value, nearest, parse, shown};

const BUILT_IN: &str = include_str!("profiles.yaml");
pub(super) const DEFAULT: &str = "voicemail";

#[derive(Clone, Debug, Default)]
pub(super) struct Profiles(BTreeMap<Arc<str>, Profile>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    components: Vec<Component>,
}

impl Profiles {
    /// The built-in ones, and those of the configuration beside or instead of them.
    pub(super) fn read(value: Option<Value<'_>>) -> Profiles {
        let mut profiles = Profiles::default();
        // Without faults, which a test proves for this very text.
        if let Ok(node) = parse(&"profiles.yaml".into(), BUILT_IN.as_bytes()) {
            let faults = Faults::default();
            profiles.add(&Value::root(&node, &faults));
        }
        if let Some(value) = value {
            profiles.add(&value);
        }
        profiles
    }

    fn add(&mut self, value: &Value<'_>) {
        for (name, value) in value.named().unwrap_or_default() {
            let profile = Profile::read(&name, &value).unwrap_or_default();
            self.0.insert(name.name, profile);
        }
    }

    /// The profile that a solution names. None with a fault, or if the profile itself is at fault.
    pub(super) fn named(&self, value: Option<&Value<'_>>) -> Option<&Profile> {
        let name = match value {
            Some(value) => value.text()?,
            None => DEFAULT,
        };
        let profile = self.0.get(name);
        if let (None, Some(value)) = (profile, value) {
            let hint = nearest(name, self.0.keys().map(|name| &**name));
            value.fault(format!("no profile is named {}", shown(name)), hint);
        }
        profile.filter(|profile| profile.lead().is_some())
    }
}

impl Profile {
    fn read(name: &Named<'_>, value: &Value<'_>) -> Option<Profile> {
        let mut components = Vec::new();
        let mut whole = true;
        for (name, value) in value.named()? {
            match component(name.name, &value) {
                Some(component) => components.push(component),
                None => whole = false,
            }
        }
        let leads = components.iter().filter(|each| each.vip_follows).count();
        if whole && leads != 1 {
            name.fault(
                format!("{leads} components have `vip_follows: true`, expected exactly one"),
                None,
            );
        }
        (whole && leads == 1).then_some(Profile { components })
    }

    /// The component that the VIP follows.
    pub(super) fn lead(&self) -> Option<&Component> {
        self.components.iter().find(|each| each.vip_follows)
    }

    pub(super) fn component(&self, value: &Value<'_>) -> Option<Component> {
        let word = value.text()?;
        if let Some(found) = self.components.iter().find(|each| &*each.name == word) {
            return Some(found.clone());
        }
        let names: Vec<&str> = self.components.iter().map(|each| &*each.name).collect();
        value.expected(&names.join(", "), nearest(word, names))
    }
}

fn component(name: Arc<str>, value: &Value<'_>) -> Option<Component> {
    let table = value.table(&keys::COMPONENT.names())?;
    let flag = |key| table.get(key).map_or(Some(false), |value| value.flag());
    let (switched, vip_follows) = (flag("switched"), flag("vip_follows"));
    let trigger_value = table.need("trigger")?;
    let trigger = trigger_value.word(Trigger::ALL, Trigger::word)?;
    if vip_follows == Some(true) && trigger != Trigger::BecamePrimary {
        return trigger_value.expected("became-primary, since the VIP follows its 4563", None);
    }
    Some(Component {
        name,
        trigger,
        switched: switched?,
        vip_follows: vip_follows?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> (Profiles, Vec<String>) {
        let node = parse(&"f".into(), yaml.as_bytes()).unwrap();
        let faults = Faults::default();
        let profiles = Profiles::read(Some(Value::root(&node, &faults)));
        (
            profiles,
            faults
                .into_sorted()
                .iter()
                .map(ToString::to_string)
                .collect(),
        )
    }

    #[test]
    fn the_built_in_profiles_are_without_faults() {
        let node = parse(&"profiles.yaml".into(), BUILT_IN.as_bytes()).unwrap();
        let faults = Faults::default();
        let mut profiles = Profiles::default();
        profiles.add(&Value::root(&node, &faults));
        assert_eq!(faults.into_sorted(), []);
        assert_eq!(
            profiles.0.keys().map(|name| &**name).collect::<Vec<_>>(),
            ["sip-server", DEFAULT]
        );
        let row = |component: &Component| {
            let Component {
                name,
                trigger,
                switched,
                vip_follows,
            } = component;
            format!("{name} {trigger} {switched} {vip_follows}")
        };
        assert_eq!(
            profiles.0[DEFAULT]
                .components
                .iter()
                .map(row)
                .collect::<Vec<_>>(),
            [
                "vm-sip-server became-primary true true",
                "vm-server became-primary true false",
                "resource-manager failed-while-primary false false",
                "media-control-platform failed-while-primary false false",
                "premise-sip-server nothing false false",
            ]
        );
    }

    #[test]
    fn a_users_profile_takes_the_place_of_a_built_in_one() {
        let (profiles, faults) =
            read("voicemail: { lead: { trigger: became-primary, vip_follows: true } }");
        assert_eq!(faults, [""; 0]);
        assert_eq!(&*profiles.0[DEFAULT].lead().unwrap().name, "lead");
        assert_eq!(profiles.0[DEFAULT].components.len(), 1);
    }

    #[test]
    fn a_profile_needs_exactly_one_component_that_the_vip_follows() {
        let lead = "{ trigger: became-primary, vip_follows: true }";
        for (yaml, fault) in [
            (
                "p: {}".to_owned(),
                "f:1:1: error: p: 0 components have `vip_follows: true`, expected exactly one",
            ),
            (
                format!("p: {{ a: {lead}, b: {lead} }}"),
                "f:1:1: error: p: 2 components have `vip_follows: true`, expected exactly one",
            ),
            (
                "p: { a: { trigger: nothing, vip_follows: true } }".to_owned(),
                "f:1:20: error: p.a.trigger: found `nothing`, expected became-primary, since the VIP follows its 4563",
            ),
            (
                "p: { a: { trigger: became-primry } }".to_owned(),
                "f:1:20: error: p.a.trigger: found `became-primry`, expected became-primary, failed-while-primary, nothing (did you mean `became-primary`?)",
            ),
            (
                "p: { a: { vip_follows: yes } }".to_owned(),
                "f:1:9: error: p.a: `trigger` is missing\nf:1:24: error: p.a.vip_follows: found `yes`, expected true or false (write true)",
            ),
        ] {
            assert_eq!(read(&yaml).1.join("\n"), fault);
        }
    }
}
