use std::process::ExitCode;

fn main() -> ExitCode {
    tailswitch::cli::run().into()
}
