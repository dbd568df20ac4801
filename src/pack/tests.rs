use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

mod faults;
mod scs;

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

#[test]
fn a_number_in_a_record_is_an_event_only_at_the_ids_place() {
    for line in [
        "Std 4563 x",
        "Std 04563 x",
        "Std 00-04563 x",
        "Std GCTI-00-04563 x",
        "Std\t04563\tx",
        "Standard   h   a   GCTI-00-04563   x",
        "Std 04563 INFO 00000000-00000000 02800FA1 x",
    ] {
        let meaning = one(line).unwrap();
        assert_eq!((&*meaning.id, &*meaning.text), ("04563", "x"), "{line}");
        assert!(!meaning.by_scs);
    }
    for line in [
        "Std 14563 x",
        "Std 45630 x",
        "Std 43-04563 x",
        "Std 004563 x",
        "Std GCTI-04563 x",
        "Std 04563x",
        "Std x 04563",
        "Std04563 x",
        "std 04563 x",
        "INFO 04563 x",
        "04563 x",
        "@ Std 04563 x",
        "> Std 04563 x",
        "Standard h a GCTI-00-04563 x",
        "Standard   h   a GCTI-00-04563   x",
        "Call-ID: 04563@10.0.0.1",
        "Std 10327 SCS mode is flapping",
    ] {
        assert_eq!(one(line), None, "{line}");
    }
}

#[test]
fn a_record_without_a_stamp_is_no_record() {
    let matcher = Packs::builtin().matcher(None, None).unwrap();
    let head = Head {
        text: b"Std 04563 Hot Standby (Primary) mode activated",
        stamped: false,
    };
    assert_eq!(matcher.read(&mut Memory::default(), head), None);
}

#[test]
fn a_name_with_blanks_dots_and_dashes_is_one_name() {
    for name in ["RM", "UR Server 750", "VM.SIP-Server 2.1", "-", "a b c d e"] {
        for gap in ["  ", "   ", "\t", " \t ", "      "] {
            let line = [
                "Alarm",
                "vmhost1.example.com",
                name,
                "GCTI-00-05064",
                "gone",
            ]
            .join(gap);
            let meaning = one(&line).unwrap();
            assert_eq!(meaning.application.as_deref(), Some(name), "{line}");
            assert_eq!(meaning.host.as_deref(), Some("vmhost1.example.com"));
        }
    }
}

#[test]
fn a_name_in_the_windows_code_page_is_read() {
    let line = b"Standard   h   K\xf6ln   GCTI-00-05064   x";
    let meaning = read_with(&matcher("none"), line).unwrap();
    assert_eq!(meaning.application.as_deref(), Some("Köln"));
}

#[test]
fn the_text_of_a_long_record_is_cut_between_characters() {
    let line = format!("Std 04563 {}", "é".repeat(1 << 20));
    let meaning = one(&line).unwrap();
    assert!(meaning.text.len() < 4096 && meaning.text.chars().all(|each| each == 'é'));
}

#[test]
fn near_matches_of_two_megabytes_mean_nothing() {
    for near in [
        "Std 04563",
        "Standard   a",
        "Std 04563 INFO 00000000-00000000 ",
        "'<{101, ",
        "### MESSAGE#=",
        "AppRunModeChanged newMode='PRIMARY', App <DBID=101, ",
        "Notify Host: ",
        "#### App{1,",
        "> ",
    ] {
        let line = near.repeat((2 << 20) / near.len());
        for stamped in [true, false] {
            let head = Head {
                text: &line.as_bytes()[1..],
                stamped,
            };
            assert_eq!(
                matcher("SCS").read(&mut Memory::default(), head),
                None,
                "{near}"
            );
        }
    }
}

#[test]
fn the_pack_of_a_file_is_chosen_by_its_type_unless_the_source_names_one() {
    let packs = Packs::builtin();
    let scs = |application_type, forced| {
        let matcher = packs.matcher(application_type, forced)?;
        Some(matcher.reads_every_line())
    };
    for name in [
        "SCS",
        "scs",
        "Solution Control Server",
        "SolutionControlServer",
        " SCS ",
    ] {
        assert_eq!(scs(Some(name), None), Some(true), "{name}");
    }
    for name in ["SIP Server", "Message Server", "SCSX", ""] {
        assert_eq!(scs(Some(name), None), Some(false), "{name}");
    }
    assert_eq!(scs(None, None), Some(false));
    assert_eq!(scs(None, Some("scs")), Some(true));
    assert_eq!(scs(Some("SCS"), Some("genesys-lms")), Some(false));
    assert_eq!(scs(Some("SCS"), Some("nobody")), None);
    let twice = [packs.matcher(Some("RM"), None), packs.matcher(None, None)];
    let [Some(first), Some(second)] = twice else {
        panic!("a matcher for every file");
    };
    assert!(Arc::ptr_eq(&first, &second));
}

#[test]
fn a_users_pack_adds_to_the_built_in_ones() {
    let packs = with(
        "pack: mine\nrules: [{ id: 21234, kind: noted }, { id: 5064, text: lunch, kind: planned-stop }]\n",
    );
    let matcher = packs.matcher(None, None).unwrap();
    let kind = |line: &str| read_with(&matcher, line.as_bytes()).map(|meaning| meaning.kind);
    assert_eq!(kind("Std 21234 x"), Some(EventKind::Noted));
    assert_eq!(
        kind("Std 05064 gone for lunch"),
        Some(EventKind::PlannedStop)
    );
    assert_eq!(kind("Std 05064 gone"), Some(EventKind::Failed));
    assert_eq!(told(&packs.check_samples()), Vec::<String>::new());
}

#[test]
fn the_pack_in_the_description_of_packs_works() {
    let description = include_str!("../../patterns/README.md");
    let (_, after) = description.split_once("```yaml\n").unwrap();
    let (pack, _) = after.split_once("```").unwrap();
    assert_eq!(told(&with(pack).check_samples()), Vec::<String>::new());
    assert!(pack.contains("samples:"));
}

#[test]
fn a_users_pack_takes_the_place_of_the_built_in_one_of_its_name() {
    let packs = with("pack: sip-server-ha\n");
    let matcher = packs.matcher(None, None).unwrap();
    assert_eq!(
        read_with(&matcher, b"Std 05150 changed to primary mode"),
        None
    );
    assert!(one("Std 05150 changed to primary mode").is_some());
    assert_eq!(packs.names().count(), BUILT_IN.len());
}

#[test]
fn what_a_user_changes_fails_no_sample_of_a_built_in_pack() {
    let text = "pack: genesys-lms
shapes: { mine: '!(?<id>[0-9]+) (?<text>.*)' }
rules: [{ id: 5060, kind: noted }]
samples: [{ line: '!5060 x', event: { id: 05060, kind: noted } }]
";
    assert_eq!(told(&with(text).check_samples()), Vec::<String>::new());
}

#[test]
fn a_users_pack_for_one_type_is_silent_in_other_files() {
    let packs = with("pack: mine\ntypes: 'Billing*'\nrules: [{ id: 21234, kind: noted }]\n");
    let reads = |application_type| {
        let matcher = packs.matcher(application_type, None).unwrap();
        read_with(&matcher, b"Std 21234 x").is_some()
    };
    assert!(reads(Some("billing server")));
    assert!(!reads(Some("SIP Server")) && !reads(None));
}

/// Lines near those that mean something: every sample, cut and spliced.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let samples: Vec<Vec<u8>> = BUILT_IN
        .iter()
        .flat_map(|(_, text)| text.lines())
        .filter_map(|line| line.split_once(['\'', '"']))
        .map(|(_, sample)| sample.as_bytes().to_vec())
        .collect();
    let sample = prop::sample::select(samples);
    let splice = (
        any::<prop::sample::Index>(),
        0..3usize,
        prop::collection::vec(any::<u8>(), 0..3),
    );
    (sample, prop::collection::vec(splice, 0..4)).prop_map(|(mut line, splices)| {
        for (at, cut, put) in splices {
            let start = at.index(line.len() + 1);
            let end = (start + cut).min(line.len());
            line.splice(start..end, put);
        }
        line
    })
}

proptest! {
    #[test]
    fn no_bytes_are_too_strange(lines in prop::collection::vec((line(), any::<bool>()), 1..20)) {
        for name in ["SCS", "none"] {
            let (matcher, mut memory) = (matcher(name), Memory::default());
            for (text, stamped) in &lines {
                matcher.read(&mut memory, Head { text, stamped: *stamped });
            }
            memory.end();
        }
    }

    /// The rules alone decide what means something; a search for the literals may then be put before them.
    #[test]
    fn every_line_with_a_meaning_holds_a_literal(line in line()) {
        for name in ["SCS", "none"] {
            let gated = matcher(name);
            let literals = gated.literals().unwrap();
            let rules = gated.without_gate();
            let read = read_with(&rules, &line);
            let holds = |literal: &[u8]| memchr::memmem::find(&line, literal).is_some();
            prop_assert!(read.is_none() || literals.iter().any(|literal| holds(literal)));
            let needles = gated.needles().into_iter().flatten();
            let searched = gated.needles().is_some();
            prop_assert!(!searched || read.is_none() || needles.into_iter().any(|needle| holds(needle)));
            prop_assert_eq!(read, read_with(&gated, &line));
        }
    }
}

#[test]
fn a_rule_without_fixed_text_leaves_no_literals() {
    let packs = with("pack: mine\nrules: [{ name: N, line: '[0-9]+ x*', kind: noted }]\n");
    let matcher = packs.matcher(None, None).unwrap();
    assert_eq!(matcher.literals(), None);
    assert!(read_with(&matcher, b"12 xx").is_some());
    assert!(read_with(&matcher, b"Std 04563 x").is_some());
}

#[test]
fn the_literals_of_records_are_the_digits_of_their_ids() {
    let literals: BTreeSet<String> = matcher("none")
        .literals()
        .unwrap()
        .iter()
        .map(|literal| String::from_utf8_lossy(literal).into_owned())
        .collect();
    let expected = "4560 4561 4562 4563 5060 5061 5063 5064 5090 5091 5150 5151 52029 52030";
    assert_eq!(literals.into_iter().collect::<Vec<_>>().join(" "), expected);
}

#[test]
fn files_are_searched_for_ids_behind_what_stands_before_them_in_a_record() {
    let needles = |packs: &Packs| -> Option<String> {
        let matcher = packs.matcher(None, None).unwrap();
        let all = matcher.needles()?.iter();
        let shown: Vec<String> = all.map(|each| each.escape_ascii().to_string()).collect();
        Some(shown.join("|"))
    };
    assert_eq!(
        needles(&Packs::builtin()).unwrap(),
        r"\t0456|\t0506|\t0509|\t0515|\t456|\t506|\t509|\t515|\t520| 0456| 0506| 0509| 0515| 456| 506| 509| 515| 520|00-0456|00-0506|00-0509|00-0515|00-456|00-506|00-509|00-515|00-520"
    );
    let anywhere = with(
        "pack: mine\nshapes: { any: '(?<id>[0-9]{4}).*' }\nrules: [{ id: '04563', kind: noted }]\n",
    );
    assert!(needles(&anywhere).unwrap().starts_with("4560|4561|"));
    let text = with("pack: mine\nrules: [{ name: N, line: 'Billing [0-9]+', kind: noted }]\n");
    assert!(needles(&text).unwrap().ends_with("|Billing "));
}

#[test]
fn rules_that_no_search_finds_are_told() {
    for (pack, why) in [
        (
            "pack: mine\nrules: [{ name: N, line: '[0-9]+ x*', kind: noted }]\n",
            "rule N has no fixed ASCII text",
        ),
        (
            "pack: mine\nrules: [{ name: N, line: 'Größe [0-9]', kind: noted }]\n",
            "rule N has no fixed ASCII text",
        ),
        (
            "pack: mine\njoins: [{ waits: 'a (?<id>[0-9]+)', names: 'b .', within: 2 }]\n",
            "its `joins` count lines",
        ),
    ] {
        let packs = with(pack);
        assert!(
            packs.matcher(None, None).unwrap().needles().is_none(),
            "{pack}"
        );
        let told = told(&packs.slow());
        assert!(told.len() == 1 && told[0].contains(why), "{told:?}");
    }
    assert_eq!(
        with("pack: mine\nreads: lines\nrules: [{ name: N, line: '[0-9]+ x*', kind: noted }]\n")
            .slow(),
        []
    );
    assert_eq!(Packs::builtin().slow(), []);
}

fn with(text: &str) -> Packs {
    Packs::builtin()
        .with(&[("mine.yaml".into(), text.to_owned())])
        .unwrap_or_else(|faults| panic!("{:?}", told(&faults)))
}

fn matcher(application_type: &str) -> Arc<Matcher> {
    // Compiling the packs for each of many cases would take most of the time.
    static PACKS: std::sync::LazyLock<Packs> = std::sync::LazyLock::new(Packs::builtin);
    PACKS.matcher(Some(application_type), None).unwrap()
}

fn one(line: &str) -> Option<Meaning> {
    read_with(&matcher("none"), line.as_bytes())
}

fn read_with(matcher: &Matcher, text: &[u8]) -> Option<Meaning> {
    let stamped = true;
    matcher.read(&mut Memory::default(), Head { text, stamped })
}

fn told(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(ToString::to_string).collect()
}
