//! What writers and rotators do to files while they are read.

use super::*;

const A: &str = "sips.20261102_203000_000.log";
const B: &str = "sips.20261102_204000_000.log";
const C: &str = "sips.20261102_205000_000.log";

#[test]
fn the_first_line_of_a_new_segment_is_news() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write(A, format!("{HEAD}{}", event(1)));
    bench.round();
    assert_eq!(bench.events(), "1");
    bench.write(B, format!("{HEAD}{}", event(2)));
    bench.round();
    assert_eq!(bench.events(), "2");
}

#[test]
fn an_old_segment_is_read_to_its_end_before_a_newer_one() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write(A, format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write(B, format!("{HEAD}{}", event(3)));
    bench.write(A, event(2));
    bench.write(C, format!("{HEAD}{}", event(4)));
    bench.round();
    assert_eq!(bench.events(), "1 2 3 4");
    bench.rest();
    bench.write(C, event(5));
    bench.round();
    assert_eq!(bench.events(), "5");
}

#[test]
fn the_day_goes_on_from_segment_to_segment() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}23:59:59.000 Std 04563 x #1\n"));
    bench.round();
    bench.rename("a.log", "a.log.1");
    bench.write("a.log", "File: (2) a.log\n00:00:01.000 Std 04563 x #2\n");
    bench.round();
    let times = bench.told.iter().filter_map(|told| match told {
        Tailed::Event(told) => Some(told.event.time.to_string()),
        _ => None,
    });
    let expected = ["2026-11-02T23:59:59.000Z", "2026-11-03T00:00:01.000Z"];
    assert_eq!(times.collect::<Vec<_>>(), expected);
}

#[test]
fn a_segment_that_is_deleted_while_unread_is_read_through_its_handle() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write(A, format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write(A, event(2));
    bench.remove(A);
    bench.write(B, format!("{HEAD}{}", event(3)));
    bench.round();
    assert_eq!(bench.events(), "1 2 3");
    bench.rest();
    assert_eq!(bench.states(), [""; 0]);
    let files: Vec<_> = bench.positions.iter().map(|it| it.file.clone()).collect();
    assert_eq!(files, [bench.path(B).to_str().unwrap().into()]);
}

#[test]
fn a_writer_that_goes_on_under_a_new_name_is_followed() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.rename("a.log", "a.log.1");
    bench.write("a.log.1", event(2));
    bench.round();
    bench.write("a.log", format!("{HEAD}{}", event(4)));
    bench.write("a.log.1", event(3));
    bench.round();
    assert_eq!(bench.events(), "1 2 3 4");
}

#[test]
fn a_rename_and_a_gzip_of_it_double_nothing() {
    let mut bench = Bench::begun(&["*.log*"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.rename("a.log", "a.log.1");
    bench.write("a.log", format!("{HEAD}{}", event(2)));
    bench.round();
    bench.rest();
    bench.write("a.log.1.gz", b"\x1F\x8B\x08\x00whatever");
    bench.remove("a.log.1");
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "1 2");
    let said = bench.states();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].contains("packed"), "{said:?}");
}

#[test]
fn copy_and_truncate_reads_new_content_once_and_says_what_may_be_lost() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..20)));
    bench.round();
    bench.events();
    overwrite(&bench.path("a.log"), b"");
    bench.look();
    bench.write("a.log", format!("{HEAD}{}", event(20)));
    bench.look();
    bench.look();
    assert_eq!(bench.events(), "20");
    assert_eq!(bench.states(), ["a.log: Gap"]);
}

#[test]
fn a_refill_past_the_old_place_is_seen_by_content() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..3)));
    bench.round();
    overwrite(
        &bench.path("a.log"),
        format!("{HEAD}{}", events(3..9)).as_bytes(),
    );
    bench.look();
    assert_eq!(bench.events(), "1 2 3 4 5 6 7 8");
    assert_eq!(bench.states(), ["a.log: Gap"]);
}

#[test]
fn the_copy_of_a_copy_truncate_gives_what_was_not_read_yet() {
    let mut bench = Bench::begun(&["*.log*"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..20)));
    bench.round();
    bench.write("a.log", event(20));
    fs::copy(bench.path("a.log"), bench.path("a.log.1")).unwrap();
    overwrite(&bench.path("a.log"), event(21).as_bytes());
    for _ in 0..3 {
        bench.round();
    }
    bench.rest();
    let expected: Vec<_> = (1..=19).chain([21, 20]).map(|n| n.to_string()).collect();
    let told = bench.events();
    let mut told: Vec<_> = told.split(' ').collect();
    told.sort_by_key(|number| number.parse::<u32>().unwrap());
    let mut expected = expected;
    expected.sort_by_key(|number| number.parse::<u32>().unwrap());
    assert_eq!(told, expected);
}

#[test]
fn a_copy_is_known_at_whatever_moment_it_is_seen() {
    let mut bench = Bench::begun(&["*.log*"]);
    let text = format!("{HEAD}{}", events(1..20));
    bench.write("a.log", &text);
    bench.round();
    for end in [0, 100, text.len() / 2, text.len()] {
        fs::write(bench.path("a.log.1"), &text[..end]).unwrap();
        bench.round();
    }
    bench.events();
    overwrite(&bench.path("a.log"), event(20).as_bytes());
    for _ in 0..4 {
        bench.round();
    }
    bench.rest();
    assert_eq!(bench.events(), "20");
}

#[test]
fn what_only_begins_like_another_log_is_no_copy() {
    let line = event(2);
    for cut in 0..line.len() {
        let mut bench = Bench::begun(&["*.log*"]);
        bench.write("a.log", event(1));
        bench.round();
        // Their first bytes are the same: a day and a time.
        bench.write("a.log.1", &line[..cut]);
        bench.round();
        bench.write("a.log.1", &line[cut..]);
        bench.round();
        bench.rest();
        // By its name it is the older one.
        assert_eq!(bench.events(), "2 1", "{cut}");
    }
}

#[test]
fn two_copies_that_come_before_the_next_listing_double_nothing() {
    let mut bench = Bench::new(&["*.log*"]);
    bench.settings.list_every = Duration::MAX;
    bench.restart();
    bench.round();
    bench.write("a.log", format!("{HEAD}{}", events(1..20)));
    bench.round();
    for number in [20, 21, 22] {
        for age in [3, 2, 1] {
            let (from, to) = (format!("a.log.{age}"), format!("a.log.{}", age + 1));
            // The oldest are not there yet.
            let _ = fs::rename(bench.path(&from), bench.path(&to));
        }
        fs::copy(bench.path("a.log"), bench.path("a.log.1")).unwrap();
        overwrite(&bench.path("a.log"), event(number).as_bytes());
        bench.look();
        bench.look();
    }
    bench.rest();
    let expected: Vec<_> = (1..=22).map(|number| number.to_string()).collect();
    assert_eq!(bench.events(), expected.join(" "));
}

#[test]
fn a_copy_beside_its_original_doubles_nothing() {
    let mut bench = Bench::begun(&["*.log*"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..20)));
    bench.round();
    bench.events();
    fs::copy(bench.path("a.log"), bench.path("a.log.1")).unwrap();
    bench.write("a.log", event(20));
    bench.round();
    bench.write("a.log.1", event(21));
    bench.round();
    assert_eq!(bench.events(), "20 21");
}

#[test]
fn a_file_shorter_for_a_moment_is_not_read_again() {
    let mut bench = Bench::begun(&["*.log"]);
    let text = format!("{HEAD}{}", events(1..3));
    bench.write("a.log", &text);
    bench.round();
    let file = File::options()
        .write(true)
        .open(bench.path("a.log"))
        .unwrap();
    // As a network drive shows it whose cache is late.
    file.set_len(text.len() as u64 - 10).unwrap();
    bench.look();
    file.set_len(text.len() as u64 - 10).unwrap();
    append(&bench.path("a.log"), &text.as_bytes()[text.len() - 10..]);
    bench.write("a.log", event(3));
    bench.look();
    assert_eq!(bench.events(), "1 2 3");
    assert_eq!(bench.states(), [""; 0]);
}

#[test]
fn a_recycled_inode_is_a_new_file() {
    let mut bench = Bench::begun(&["*.log"]);
    for number in 0..40 {
        let name = format!("sips.20261102_2030{number:02}_000.log");
        bench.write(&name, format!("{HEAD}{}", event(number)));
        bench.round();
        bench.rest();
        bench.remove(&name);
        // The place is free once the handle is.
        bench.rest();
        bench.rest();
    }
    let expected: Vec<_> = (0..40).map(|number| number.to_string()).collect();
    assert_eq!(bench.events(), expected.join(" "));
}

#[test]
fn equal_heads_are_separate_files() {
    let mut bench = Bench::begun(&["*.log"]);
    let filler = "20:30:00.000 Trc 04999 the same\n".repeat(300);
    for (name, number) in [("a.log", 1), ("b.log", 2), ("sub-a.log", 3)] {
        bench.write(name, format!("{HEAD}{filler}{}", event(number)));
    }
    bench.round();
    assert_eq!(bench.events(), "1 2 3");
    bench.rename("a.log", "a.old");
    bench.write("a.log", format!("{HEAD}{filler}{}", event(4)));
    bench.round();
    assert_eq!(bench.events(), "4");
}

#[test]
fn a_file_is_read_from_its_first_byte_on_however_slowly_it_grows() {
    let mut bench = Bench::begun(&["*.log"]);
    let log = format!("{HEAD}{}", events(1..3));
    for (index, byte) in log.bytes().enumerate() {
        bench.write("a.log", [byte]);
        bench.look();
        if index % 50 == 0 {
            bench.round();
            bench.restart();
            bench.round();
        }
    }
    bench.look();
    assert_eq!(bench.events(), "1 2");
}

#[test]
fn a_last_line_without_its_end_is_told_once_after_a_while() {
    let mut bench = Bench::begun(&["*.log"]);
    let line = event(1);
    bench.write("a.log", format!("{HEAD}{}", line.trim_end()));
    bench.round();
    assert_eq!(bench.events(), "");
    bench.wait(bench.settings.partial_timeout);
    assert_eq!(bench.events(), ""); // `#1` may become `#12`
    bench.write("a.log", " more");
    bench.round();
    bench.wait(bench.settings.partial_timeout);
    let partial = bench.told.iter().any(|told| match told {
        Tailed::Event(told) => told.partial,
        _ => false,
    });
    assert!(partial);
    assert_eq!(bench.events(), "1 more");
    bench.restart();
    bench.write("a.log", "\n");
    bench.round();
    assert_eq!(bench.events(), "");
    bench.write("a.log", event(2));
    bench.round();
    assert_eq!(bench.events(), "2");
}

#[test]
fn a_log_without_a_header_is_let_go_when_nothing_follows() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", event(1));
    bench.round();
    assert_eq!(bench.events(), "");
    bench.wait(bench.settings.head_wait);
    assert_eq!(bench.events(), "1");
    bench.write("a.log", event(2));
    bench.look();
    bench.restart();
    bench.write("a.log", event(3));
    bench.round();
    assert_eq!(bench.events(), "2 3");
}

#[test]
fn a_place_beyond_4_gib_is_gone_on_from() {
    const PLACE: u64 = 5 << 30;
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.rest();
    // What lies between was read by an earlier process: nothing of it is on the disk.
    let file = File::options().write(true).open(bench.path("a.log"));
    file.unwrap().set_len(PLACE).unwrap();
    let mut saved = serde_json::to_value(&bench.positions).unwrap();
    saved[0]["content"]["read"] = PLACE.into();
    saved[0]["mark"]["offset"] = PLACE.into();
    bench.positions = serde_json::from_value(saved).unwrap();
    let mut position = bench.positions.iter().next().unwrap().clone();
    let handle = File::open(bench.path("a.log")).unwrap();
    let head = disk::bytes_at(&handle, 0, identity::HEAD_BYTES_MAX).unwrap();
    position.content.head = identity::Print::of(&head);
    position.content.anchor = identity::Print::of(&[0; identity::ANCHOR_BYTES_MAX]);
    bench.positions.insert(position);
    bench.restart();
    bench.events();
    bench.write("a.log", event(2));
    bench.round();
    let offset = bench.told.iter().find_map(|told| match told {
        Tailed::Event(told) => Some(told.event.origin.offset),
        _ => None,
    });
    assert_eq!(offset, Some(PLACE));
    assert_eq!(bench.events(), "2");
}

#[test]
fn a_hole_of_nuls_is_read_over() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    // A writer whose file was truncated under it writes on where it was.
    let file = File::options()
        .write(true)
        .open(bench.path("a.log"))
        .unwrap();
    file.set_len(0).unwrap();
    file.set_len(8 << 20).unwrap();
    bench.write("a.log", format!("\n{}", event(2)));
    bench.round();
    bench.wait(bench.settings.head_wait);
    assert_eq!(bench.events(), "1 2");
}

#[test]
fn a_renamed_file_that_was_overwritten_is_not_taken_for_the_one_being_written() {
    let mut bench = Bench::begun(&["r.log*"]);
    bench.settings.list_every = Duration::MAX;
    bench.write("r.log", HEAD);
    bench.write("r.log", events([1, 2]));
    bench.round();
    overwrite(
        &bench.path("r.log"),
        format!("{HEAD}{}", event(3)).as_bytes(),
    );
    bench.restart();
    bench.rename("r.log", "r.log.1");
    bench.write("r.log", format!("{HEAD}{}", event(4)));
    for _ in 0..5 {
        bench.round();
    }
    bench.rest();
    assert_eq!(bench.events(), "1 2 4 3");
    bench.write("r.log", event(5));
    bench.look();
    assert_eq!(bench.events(), "5");
}

#[test]
fn a_log_that_rests_after_it_was_copied_and_emptied_is_still_read_at_each_look() {
    let mut bench = Bench::begun(&["r.log*"]);
    bench.settings.list_every = Duration::MAX;
    bench.write("r.log", HEAD);
    bench.write("r.log", events(1..=20));
    bench.round();
    fs::copy(bench.path("r.log"), bench.path("r.log.1")).unwrap();
    overwrite(&bench.path("r.log"), HEAD.as_bytes());
    for _ in 0..5 {
        bench.round();
    }
    bench.rest();
    bench.write("r.log", event(21));
    bench.look();
    assert!(bench.events().ends_with(" 20 21"));
}
