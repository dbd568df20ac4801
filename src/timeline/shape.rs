//! How an event is drawn: one shape and one colour for each kind, the same in the picture and in its legend.

use crate::event::EventKind;

/// A path around (0, 0), about 11 pixels wide, and the style sheet's class for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Shape {
    pub(super) class: &'static str,
    pub(super) path: &'static str,
    pub(super) meaning: &'static str,
}

const UP: &str = "M0-6 6 5H-6Z";
const DOWN: &str = "M0 6 6-5H-6Z";
const CROSS: &str = "M-5-3-3-5 0-2 3-5 5-3 2 0 5 3 3 5 0 2-3 5-5 3-2 0Z";
const DIAMOND: &str = "M0-6 6 0 0 6-6 0Z";
const SQUARE: &str = "M-5-5H5V5H-5Z";
const CIRCLE: &str = "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z";
const ARROW: &str = "M-5-5H0L5 0 0 5H-5L-1 0Z";
const DOT: &str = "M-3.5 0A3.5 3.5 0 1 0 3.5 0A3.5 3.5 0 1 0-3.5 0Z";

pub(super) fn shape(kind: EventKind) -> Shape {
    use EventKind::*;
    let (class, path, meaning) = match kind {
        BecamePrimary => ("good", UP, "became primary"),
        BecameBackup => ("calm", DOWN, "became backup"),
        Failed => ("bad", CROSS, "failed"),
        Started => ("good", CIRCLE, "started"),
        PlannedStop => ("calm", SQUARE, "stopped by request"),
        HostLost => ("bad", DIAMOND, "host lost"),
        HostBack => ("good", DIAMOND, "host back"),
        ModeRequested => ("calm", ARROW, "change of mode requested"),
        VipLost => ("bad", CIRCLE, "VIP lost"),
        VipOk => ("good", SQUARE, "VIP seen"),
        SplitBrain | NoPrimary | ScsFlapping => ("bad", SQUARE, "SCS in doubt"),
        StateReported | OnePrimary | ScsStable | ScsPrimary | ScsBackup | AlarmCleared | Noted => {
            ("calm", DOT, "other statement")
        }
    };
    Shape {
        class,
        path,
        meaning,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_two_meanings_look_the_same() {
        let mut meanings = BTreeMap::new();
        for kind in EventKind::ALL {
            let shape = shape(*kind);
            let before = meanings.insert((shape.class, shape.path), shape.meaning);
            assert!(
                before.is_none_or(|before| before == shape.meaning),
                "{kind}"
            );
        }
    }
}
