//! Where a portion of bytes ends changes nothing, and a slow reader finds the same.

use proptest::prelude::*;

use super::*;

/// A file made of the pieces that are hard to cut.
fn log() -> impl Strategy<Value = Vec<u8>> {
    let pieces: Vec<&[u8]> = vec![
        b"20:31:07.412 Std 04563 x",
        b"2026-11-02T20:31:07.412 Std 05064 y",
        b"20:31:07.412: Received [0,UDP] 30 bytes from a",
        b"Application name: b",
        b"File: (1) x",
        b"x20:31:07.412 Std 05060 z",
        b"\xFC\xFF",
        "\u{20ac}".as_bytes(),
        b"\0",
        b"\0\0\0",
        b"\r",
        b"\n",
        b"\r\n",
        b"text",
    ];
    let file = prop::collection::vec(prop::sample::select(pieces), 0..40);
    let mark = prop::sample::select(vec![b"".as_slice(), b"\xEF\xBB\xBF", b"\xFF\xFE"]);
    (mark, file).prop_map(|(mark, file)| [mark, &file.concat()].concat())
}

/// Lines of one kind, alone or widened to UTF-16.
fn widened(log: &[u8], wide: bool) -> Vec<u8> {
    match wide {
        true => log.iter().flat_map(|byte| [*byte, 0]).collect(),
        false => log.to_vec(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn byte_by_byte_and_all_at_once_are_the_same(log in log(), wide: bool, portion in 1_usize..20) {
        let log = widened(&log, wide);
        let whole = scan(Segment::new("a.log"), &log);
        prop_assert_eq!(&scan_in_portions(Segment::new("a.log"), &log, 1), &whole);
        prop_assert_eq!(&scan_in_portions(Segment::new("a.log"), &log, portion), &whole);
    }

    #[test]
    fn an_event_points_at_its_record_in_the_file(records in prop::collection::vec((0..4_usize, 0..3_usize), 1..30), wide: bool) {
        let ends = ["\n", "\r\n", "\r"];
        let mut log = HEADER.to_string();
        let mut expected = Vec::new();
        for (what, end) in records {
            let number = 1 + log.replace("\r\n", "\n").matches(['\n', '\r']).count() as u64;
            if what == 0 {
                expected.push((number, log.len() as u64 * if wide { 2 } else { 1 }));
                log.push_str("20:31:07.412 Std 04563 x");
            } else {
                log.push_str(["", "continued", "20:31:07.412 Trc 04999 x"][what - 1]);
            }
            // A lone CR and an LF after it would be one line end.
            log.push_str(ends[end]);
            log.push('-');
            log.push_str(ends[end]);
        }
        let (found, _) = scan(Segment::new("a.log"), widened(log.as_bytes(), wide));
        let places: Vec<_> = found.iter().filter_map(|one| match one {
            Found::Event(event) => Some((event.origin.line, event.origin.offset)),
            _ => None,
        }).collect();
        prop_assert_eq!(places, expected);
    }

    #[test]
    fn no_bytes_upset_it(log in prop::collection::vec(any::<u8>(), 0..400)) {
        scan(Segment::new("a.log"), log);
    }
}

#[test]
fn a_file_whose_header_never_ends_is_read_all_the_same() {
    let filler = format!("{}\n", "x".repeat(999)).repeat(100);
    let log = format!("{filler}20:31:07.412 {MODE}\n");
    for portion in [1000, 65_536, usize::MAX] {
        let (found, finished) = scan_in_portions(Segment::new("a.log"), log.as_bytes(), portion);
        assert_eq!(told(&found), ["20:31:07.412 04563 - line 101"]);
        assert_eq!(finished.counts.bytes, log.len() as u64);
    }
}
