use super::*;

#[test]
fn the_built_in_packs_have_no_fault_and_read_their_samples() {
    let faults = Faults::default();
    for (name, text) in BUILT_IN {
        read(&name.into(), text, true, &faults);
    }
    assert_eq!(told(&faults.into_sorted()), Vec::<String>::new());
    let packs = Packs::builtin();
    assert_eq!(packs.names().count(), BUILT_IN.len());
    assert_eq!(told(&packs.check_samples()), Vec::<String>::new());
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}
