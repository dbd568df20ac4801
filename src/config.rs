//! x
pub mod command;
pub mod files;
mod profiles;
pub mod secrets;
mod sources {
    pub fn glob(p: &str) -> Result<globset::GlobMatcher, globset::Error> {
        Ok(globset::GlobBuilder::new(p)
            .literal_separator(true)
            .build()?
            .compile_matcher())
    }
}
mod zone;
