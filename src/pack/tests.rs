use super::*;

#[test]
fn the_built_in_packs_have_no_fault_and_read_their_samples() {
    for (name, text) in BUILT_IN {
        let mut report = Report::new(&name.into());
        let file = file::read(text, &mut report);
        file.map(|file| compile::pack(&file, true, &mut report));
        assert_eq!(report.faults, []);
    }
    let packs = Packs::builtin();
    assert_eq!(packs.names().count(), BUILT_IN.len());
    let faults: Vec<String> = packs
        .check_samples()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}
