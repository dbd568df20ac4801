//! Which configuration file a command uses.

use std::path::{Path, PathBuf};

use super::{Exit, Failure, Global};

/// Where a configuration is looked for when none is named.
const PLACES: [&str; 2] = ["tailswitch.yaml", "/etc/tailswitch/tailswitch.yaml"];

impl Global {
    /// The named file, else the first that is there; a failure with exit code 78 if there is none.
    pub(super) fn config_path(&self) -> Result<PathBuf, Failure> {
        let named = self.config.clone();
        named
            .or_else(|| {
                PLACES
                    .iter()
                    .map(PathBuf::from)
                    .find(|place| Path::is_file(place))
            })
            .ok_or_else(|| Failure {
                exit: Exit::Config,
                message: format!(
                    "no configuration found: looked for ./{} and {}; name one with --config FILE",
                    PLACES[0], PLACES[1]
                ),
            })
    }
}
