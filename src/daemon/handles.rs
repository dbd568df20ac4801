//! How many logs may be open at once, so that handles are left for the journal, commands, alerts and the API.

use std::num::NonZeroUsize;

/// All but the logs needs so many at most: each command that runs takes some.
const OTHERS: u64 = 64;
/// Even with too few handles, each reader keeps so many logs open.
const LOGS_MIN: u64 = 4;
/// With less than this people should know.
const FEW: u64 = 256;

/// For each of so many readers; and what is to be told, if there are few. `limit` is what the system allows.
pub(super) fn for_logs(limit: Option<u64>, readers: usize) -> (Option<usize>, Option<String>) {
    let Some(limit) = limit else {
        return (None, None);
    };
    let readers = NonZeroUsize::new(readers).map_or(1, NonZeroUsize::get) as u64;
    let each = (limit.saturating_sub(OTHERS) / readers).max(LOGS_MIN);
    let told = (limit < FEW).then(|| {
        format!(
            "the daemon may have {limit} files open, which is few: raise LimitNOFILE (ulimit -n)"
        )
    });
    (Some(usize::try_from(each).unwrap_or(usize::MAX)), told)
}

/// None where there is no limit.
#[cfg(unix)]
pub(super) fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
pub(super) fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_share_what_the_others_leave_and_few_are_told() {
        for (limit, readers, each, told) in [
            (None, 3, None, false),
            (Some(1024), 2, Some(480), false),
            (Some(1024), 0, Some(960), false),
            (Some(128), 4, Some(16), true),
            (Some(32), 4, Some(4), true),
        ] {
            let (handles, text) = for_logs(limit, readers);
            assert_eq!(
                (handles, text.is_some()),
                (each, told),
                "{limit:?} {readers}"
            );
        }
    }
}
