use proptest::prelude::*;

use super::*;

/// (number, offset, text, end) of each line, and the lengths of the NUL runs.
type Seen = (Vec<(u64, u64, String, End)>, Vec<u64>);

fn read(bytes: &[u8], portion: usize, encoding: Option<Encoding>, max: usize) -> Seen {
    let (mut seen, mut nuls) = (Vec::new(), Vec::new());
    let mut each = |piece: Piece<'_>| match piece {
        Piece::Line(line) => {
            let text = String::from_utf8_lossy(line.bytes).into_owned();
            seen.push((line.number, line.offset, text, line.end));
        }
        Piece::Nuls { length, .. } => nuls.push(length),
    };
    let mut lines = Lines::new(encoding, max);
    for portion in bytes.chunks(portion) {
        lines.push(portion, &mut each);
    }
    lines.finish(&mut each);
    (seen, nuls)
}

fn texts(bytes: &[u8]) -> Vec<(u64, String)> {
    let lines = read(bytes, bytes.len().max(1), None, 1024).0;
    lines.into_iter().map(|each| (each.1, each.2)).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The same, told slowly: look at each byte once, with the whole file at hand.
fn reference(bytes: &[u8]) -> Vec<(u64, u64, String, End)> {
    let mut lines = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while at < bytes.len() {
        let end = match (bytes[at], bytes.get(at + 1)) {
            (b'\n', _) => End::Lf,
            (b'\r', Some(b'\n')) => End::CrLf,
            (b'\r', _) => End::Cr,
            _ => {
                at += 1;
                continue;
            }
        };
        lines.push((begin, at, end));
        at += end.units() as usize;
        begin = at;
    }
    if begin < bytes.len() {
        lines.push((begin, at, End::File));
    }
    let text = |from: usize, to: usize| String::from_utf8_lossy(&bytes[from..to]).into_owned();
    (1..)
        .zip(lines)
        .map(|(number, (from, to, end))| (number, from as u64, text(from, to), end))
        .collect()
}

#[test]
fn every_kind_of_line_end_ends_a_line() {
    let (lines, _) = read(b"a\nb\r\nc\rd\n\r\ne", 100, None, 100);
    let ends: Vec<_> = lines
        .iter()
        .map(|each| (each.1, each.2.as_str(), each.3))
        .collect();
    let expected = [
        (0, "a", End::Lf),
        (2, "b", End::CrLf),
        (5, "c", End::Cr),
        (7, "d", End::Lf),
        (9, "", End::CrLf),
        (11, "e", End::File),
    ];
    assert_eq!(ends, expected);
}

#[test]
fn a_byte_order_mark_belongs_to_no_line_and_moves_no_offset() {
    assert_eq!(
        texts(b"\xEF\xBB\xBFab\nc"),
        [(3, "ab".into()), (6, "c".into())]
    );
    assert_eq!(texts(b"\xEF\xBB"), [(0, "\u{FFFD}".into())]);
    assert_eq!(texts(b"abc"), [(0, "abc".into())]);
}

#[test]
fn utf_16_is_known_by_its_mark_or_by_its_zero_bytes_and_counts_its_own_bytes() {
    let text = "Gr\u{fc}n\r\n\u{1F600}x\ny";
    let plain = utf16(text);
    let lines = |shift: u64| {
        [
            (shift, "Gr\u{fc}n".to_string()),
            (12 + shift, "\u{1F600}x".to_string()),
            (20 + shift, "y".to_string()),
        ]
    };
    assert_eq!(texts(&plain), lines(0));
    assert_eq!(texts(&[&[0xFF, 0xFE], plain.as_slice()].concat()), lines(2));
    let half = [plain.as_slice(), &[0x41]].concat();
    assert_eq!(texts(&half).pop(), Some((20, "y\u{FFFD}".into())));
}

#[test]
fn a_set_encoding_is_not_guessed_over() {
    let (lines, _) = read(b"a\0b\0\n", 9, Some(Encoding::Windows1252), 99);
    assert_eq!(lines.len(), 1);
    let (lines, _) = read("\u{20ac}\n".as_bytes(), 9, Some(Encoding::Utf8), 99);
    assert_eq!(lines[0].2, "\u{20ac}");
}

#[test]
fn the_head_of_a_long_line_is_kept_and_the_rest_is_skipped() {
    let text = [vec![b'x'; 5000], b"\nnext\n".to_vec()].concat();
    for portion in [1, 7, 9000] {
        let mut lines = Lines::new(None, 16);
        let mut seen = Vec::new();
        for portion in text.chunks(portion) {
            lines.push(portion, &mut |piece| {
                if let Piece::Line(line) = piece {
                    seen.push((line.offset, line.bytes.len(), line.cut, line.extent.units));
                }
            });
        }
        assert_eq!(seen, [(0, 16, true, 5000), (5001, 4, false, 4)]);
        assert!(lines.kept.capacity() < 100);
    }
}

#[test]
fn nul_runs_are_skipped_before_a_line_and_kept_as_one_inside_it() {
    let bytes = b"abcd\n\0\0\0\0ef\0\0g\nh\0\n\0";
    for portion in [1, 2, 100] {
        let (lines, nuls) = read(bytes, portion, None, 100);
        let texts: Vec<_> = lines.iter().map(|each| (each.1, each.2.as_str())).collect();
        assert_eq!(texts, [(0, "abcd"), (9, "ef\0g"), (15, "h\0")]);
        assert_eq!(nuls, [4, 2, 1, 1]);
    }
}

#[test]
fn a_place_inside_a_line_is_a_place_in_the_file() {
    let mut lines = Lines::new(None, 100);
    let mut places = Vec::new();
    lines.push(&utf16("a\nG\u{fc}\u{1F600}x\n"), &mut |piece| {
        if let Piece::Line(line) = piece {
            places.push((line.offset_of(0), line.offset_of(line.bytes.len())));
        }
    });
    assert_eq!(places, [(0, 2), (4, 14)]);
}

proptest! {
    #[test]
    fn lines_are_those_of_a_slow_reader(bytes in "[ab\u{fc}\r\n]{0,40}") {
        let lines = read(bytes.as_bytes(), 1000, Some(Encoding::Utf8), 1000).0;
        prop_assert_eq!(lines, reference(bytes.as_bytes()));
    }

    #[test]
    fn portions_change_nothing(
        bytes in prop::collection::vec(prop::sample::select(b"a\xFF\xFE\xEF\xBB\xBF\xD8\xDC\r\n\0\0".to_vec()), 0..60),
        portion in 1_usize..9,
        max in 1_usize..12,
    ) {
        for encoding in [None, Some(Encoding::Utf16Le)] {
            let whole = read(&bytes, 1000, encoding, max);
            prop_assert_eq!(&read(&bytes, portion, encoding, max), &whole);
        }
    }
}
