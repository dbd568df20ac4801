use super::*;
use proptest::prelude::*;

/// `name/dbid status mode`, one a line, and then the notes.
fn shown(text: &str) -> String {
    let read = status_text(text.as_bytes());
    let application = |each: &AppStatus| {
        let name = each.name.as_deref().unwrap_or("-");
        let dbid = each.dbid.map_or("-".to_owned(), |dbid| dbid.to_string());
        format!("{name}/{dbid} {} {}", each.status, each.mode)
    };
    let note = |note: &Note| format!("{}: {}", note.line, note.oddity);
    let applications = read.applications.iter().map(application);
    let lines: Vec<String> = applications.chain(read.notes.iter().map(note)).collect();
    lines.join("; ")
}

#[test]
fn blocks_are_read_by_the_names_of_their_fields() {
    for (text, read) in [
        ("", ""),
        (
            "Application: RM_1\nDBID: 155\nStatus: Running\nRunmode: Primary\n",
            "RM_1/155 running primary",
        ),
        // Without blank lines between, and with a name that has blanks and a colon.
        (
            "Application: VM SIP:1\nDBID: 1\nStatus: Stopped\nRunmode: Backup\n\
             Application: b\nDBID: 2\nStatus: SERVICE_UNAVAILABLE\nRunmode: Exiting\n",
            "VM SIP:1/1 stopped backup; b/2 service-unavailable exiting",
        ),
        // Another order, other fields, another case, indented, with line ends of Windows.
        (
            "  runmode : APP_RUNMODE_PRIMARY\r\n  Host: vmhost1\r\n  STATUS: APP_STATUS_RUNNING\r\n  dbid:7\r\n\r\n",
            "-/7 running primary",
        ),
        (
            "Status: Running\nDBID: 1\nStatus: Stopped\nDBID: 2\nRun mode: BACKUP\n",
            "-/1 running unknown; -/2 stopped backup",
        ),
        // What the tool says beside its blocks.
        (
            "mlcmd 8.5\nConnected to: scs1\nApplication: a\nwarning: slow\nRunmode: Primary\nDBID: 1\ndone.\n",
            "a/1 unknown primary",
        ),
    ] {
        assert_eq!(shown(text), read, "{text}");
    }
}

#[test]
fn what_is_not_known_is_unknown_and_told() {
    for (text, read) in [
        (
            "Application: a\nRunmode: Haupt\nStatus: läuft\n",
            "a/- unknown unknown; 2: unknown-word; 3: unknown-word",
        ),
        (
            "Application: a\nRunmode: PRIMwarning: no linkARY\n",
            "a/- unknown unknown; 2: unknown-word",
        ),
        (
            "Application: a\nRunmode:\n",
            "a/- unknown unknown; 2: empty-field",
        ),
        (
            "DBID: 1e1\nRunmode: Primary\n",
            "1: no-number; 2: no-application",
        ),
        ("Runmode: Primary\n", "1: no-application"),
        // A block lost its head: whose mode is it?
        (
            "Application: a\nDBID: 1\nRunmode: Backup\nDBID: 2\nRunmode: Primary\n",
            "a/1 unknown unknown; -/2 unknown primary; 4: repeated-field",
        ),
        (
            "Application: a\nRunmode: Primary\n\nApplication: a\nRunmode: Backup\n",
            "a/- unknown unknown; a/- unknown unknown; 5: contradiction; 5: contradiction",
        ),
        // Cut inside a name, a number, a word.
        (
            "Runmode: Primary\nApplication: VM_1",
            "2: cut-line; 2: no-application",
        ),
        (
            "Application: a\nDBID: 15",
            "a/- unknown unknown; 2: cut-line",
        ),
        (
            "Application: a\nRunmode: Prim",
            "a/- unknown unknown; 2: unknown-word",
        ),
        ("Application: a\nRunmode: Primary", "a/- unknown primary"),
    ] {
        assert_eq!(shown(text), read, "{text}");
    }
}

#[test]
fn every_usual_encoding_is_read() {
    let text = "Application: Zürich\r\nDBID: 9\r\nRunmode: Primary\r\n";
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> = text.chars().map(|c| u32::from(c) as u8).collect();
    for bytes in [
        text.as_bytes(),
        &utf_16,
        &[b"\xFF\xFE", &*utf_16].concat(),
        &latin,
    ] {
        let read = status_text(bytes);
        assert_eq!(read.applications[0].name.as_deref(), Some("Zürich"));
        assert_eq!(read.applications[0].mode, Mode::Primary);
    }
}

#[test]
fn a_hundred_megabytes_of_garbage_are_bounded() {
    let mut garbage = vec![b'x'; 100 << 20];
    let read = status_text(&garbage);
    assert_eq!(read.applications, []);
    for line in garbage.chunks_mut(16) {
        line.copy_from_slice(b"DBID: 123456789\n");
    }
    let read = status_text(&garbage);
    assert_eq!(read.applications.len(), APPLICATIONS_MAX);
    assert_eq!(read.notes.len(), NOTES_MAX);
    assert_eq!(read.notes[0].oddity, Oddity::TooLong);
}

#[derive(Clone, Debug)]
struct Told {
    name: String,
    dbid: u32,
    status: Status,
    mode: Mode,
    order: Vec<usize>,
}

fn told() -> impl Strategy<Value = Vec<Told>> {
    let one = (
        "[A-Za-z][A-Za-z0-9_ .:-]{0,12}[a-z0-9]",
        prop::sample::select(Status::ALL),
        prop::sample::select(Mode::ALL),
        Just(vec![0, 1, 2, 3]).prop_shuffle(),
    );
    prop::collection::vec(one, 0..8).prop_map(|all| {
        let told =
            |(dbid, (name, status, mode, order)): (usize, (String, Status, Mode, Vec<usize>))| {
                Told {
                    name: format!("{name}{dbid}"),
                    dbid: dbid as u32,
                    status,
                    mode,
                    order,
                }
            };
        all.into_iter().enumerate().map(told).collect()
    })
}

fn written(all: &[Told], noise: &str, end: &str) -> String {
    let mut text = String::new();
    for each in all {
        let fields = [
            format!("Application: {}", each.name),
            format!("DBID: {}", each.dbid),
            format!(
                "Status: {}",
                each.status.word().to_uppercase().replace('-', "_")
            ),
            format!("Runmode: {}", each.mode),
        ];
        for at in &each.order {
            text += &format!("{}{end}{noise}{end}", fields[*at]);
        }
        text += end;
    }
    text
}

fn wanted(all: &[Told]) -> Vec<AppStatus> {
    let wanted = |each: &Told| AppStatus {
        name: Some(each.name.clone()),
        dbid: Some(each.dbid),
        status: each.status,
        mode: each.mode,
    };
    all.iter().map(wanted).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read(all in told(), noise in "x[a-z ]{0,20}(: [a-z]{1,5})?", windows: bool) {
        let text = written(&all, &noise, if windows { "\r\n" } else { "\n" });
        let read = status_text(text.as_bytes());
        prop_assert_eq!(read.applications, wanted(&all));
        prop_assert_eq!(read.notes, []);
    }

    /// A text that breaks off anywhere names no application, status or mode that the whole does not.
    #[test]
    fn a_cut_text_says_nothing_new(all in told(), cut: prop::sample::Index) {
        let text = written(&all, "noise", "\n");
        let at = cut.index(text.len() + 1);
        for each in status_text(&text.as_bytes()[..at]).applications {
            let whole = all.iter().find(|told| {
                each.name.as_ref().is_none_or(|name| *name == told.name)
                    && each.dbid.is_none_or(|dbid| dbid == told.dbid)
            });
            let whole = whole.unwrap();
            prop_assert!(each.mode == Mode::Unknown || each.mode == whole.mode);
            prop_assert!(each.status == Status::Unknown || each.status == whole.status);
        }
    }

    /// Lines that are lost make no primary, where each block has its blank line.
    #[test]
    fn lost_lines_make_no_primary(all in told(), lost in prop::collection::vec(any::<bool>(), 64)) {
        let text = written(&all, "noise", "\n");
        let mut lost = lost.into_iter().cycle();
        let rest: String = text
            .split_inclusive('\n')
            .filter(|line| line.trim().is_empty() || !lost.next().unwrap())
            .collect();
        for each in status_text(rest.as_bytes()).applications {
            let is_it = |told: &&Told| each.dbid == Some(told.dbid) || each.name.as_ref() == Some(&told.name);
            let whole = all.iter().find(is_it).unwrap();
            prop_assert!(each.mode == Mode::Unknown || each.mode == whole.mode);
        }
    }

    #[test]
    fn no_bytes_are_too_odd(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        status_text(&bytes);
    }

    #[test]
    fn no_text_makes_a_primary_that_does_not_say_so(text in "(Application|DBID|Status|Runmode|x)?:? ?(a|1|Prim|ARY|\n|\r){0,3}") {
        let read = status_text(text.as_bytes());
        prop_assert!(read.applications.iter().all(|each| each.mode != Mode::Primary));
    }
}
