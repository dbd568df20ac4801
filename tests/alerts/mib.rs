use mib_rs::Loader;

/// The module as a manager loads it: no word of it is wrong, and its numbers are those that are sent.
#[test]
fn the_mib_is_sound_and_its_numbers_are_those_of_the_sink() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/TAILSWITCH-MIB.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mib = Loader::new()
        .source(mib_rs::source::memory("TAILSWITCH-MIB", text))
        .modules(["TAILSWITCH-MIB"])
        .load()
        .unwrap();
    let found: Vec<String> = mib
        .diagnostics()
        .iter()
        .map(|it| format!("{it:?}"))
        .collect();
    assert_eq!(found, [""; 0]);
    for (name, below) in [
        ("tailswitchAlertOpened", "0.1"),
        ("tailswitchAlertUpdated", "0.2"),
        ("tailswitchAlertClosed", "0.3"),
        ("tailswitchTime", "1.1"),
        ("tailswitchSeverity", "1.2"),
        ("tailswitchClass", "1.3"),
        ("tailswitchKey", "1.4"),
        ("tailswitchSolution", "1.5"),
        ("tailswitchTitle", "1.6"),
        ("tailswitchText", "1.7"),
        ("tailswitchEventId", "1.8"),
        ("tailswitchEventApplication", "1.9"),
    ] {
        let oid = mib.resolve_oid(name).unwrap().to_string();
        assert_eq!(oid, format!("1.3.6.1.4.1.8072.9999.9999.9563.{below}"));
    }
}
