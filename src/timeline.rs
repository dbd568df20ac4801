//! Incidents drawn as one self-contained page.
use crate::report::Report;
use crate::topology::Topology;
pub fn page(_: &Topology, _: &Report) -> anyhow::Result<String> {
    Ok(String::new())
}
