//! What a process finds that was not there all the time.

use super::*;

fn segment(number: u32) -> String {
    format!("sips.20261102_2030{number:02}_000.log")
}

#[test]
fn what_is_there_at_the_first_start_is_history() {
    let mut bench = Bench::new(&["*.log"]);
    bench.write(&segment(1), format!("{HEAD}{}", event(1)));
    bench.write(&segment(2), format!("{HEAD}{}", event(2)));
    bench.write("b.log", format!("{HEAD}{}", event(3)));
    bench.round();
    assert_eq!(bench.events(), "h3 h1 h2");
    bench.write(&segment(2), event(4));
    bench.write(&segment(3), format!("{HEAD}{}", event(5)));
    bench.round();
    assert_eq!(bench.events(), "4 5");
    assert!(bench.told.contains(&Tailed::CaughtUp));
}

#[test]
fn a_start_has_caught_up_once_a_log_without_a_block_was_told_too() {
    let mut bench = Bench::new(&["*.log"]);
    bench.write("a.log", event(1));
    bench.write("b.log", format!("{HEAD}{}", event(2)));
    bench.round();
    assert_eq!(bench.events(), "h2");
    assert!(!bench.told.contains(&Tailed::CaughtUp));
    bench.now += bench.settings.head_wait;
    bench.look();
    assert_eq!(bench.events(), "h1");
    assert!(bench.told.contains(&Tailed::CaughtUp));
}

#[test]
fn a_line_that_the_start_cut_is_news() {
    let mut bench = Bench::new(&["*.log"]);
    let line = event(2);
    let (begun, rest) = line.split_at(30);
    bench.write("a.log", format!("{HEAD}{}{begun}", event(1)));
    bench.round();
    bench.write("a.log", rest);
    bench.round();
    assert_eq!(bench.events(), "h1 2");
}

#[test]
fn rotations_while_we_were_down_are_read_in_order() {
    for rotations in [1, 5] {
        for cleared in [false, true] {
            let mut bench = Bench::begun(&["*.log"]);
            bench.write(&segment(1), format!("{HEAD}{}", event(1)));
            bench.round();
            bench.write(&segment(1), event(2));
            for number in 2..2 + rotations {
                bench.write(&segment(number), format!("{HEAD}{}", event(1 + number)));
            }
            bench.write(
                "old.20200101_000000_000.log",
                format!("{HEAD}{}", event(99)),
            );
            if cleared {
                bench.remove(&segment(1));
            }
            bench.restart();
            bench.events();
            bench.round();
            let first = if cleared { 3 } else { 2 };
            let expected = (first..3 + rotations).map(|number| number.to_string());
            let expected = expected.collect::<Vec<_>>().join(" ");
            assert_eq!(bench.events(), format!("h99 {expected}"));
            let said = bench.states();
            assert_eq!(said.iter().any(|said| said.ends_with("Gap")), cleared);
        }
    }
}

#[test]
fn a_log_renamed_out_of_the_pattern_while_we_were_down_is_read_to_its_end() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.write("a.log", event(2));
    bench.rename("a.log", "a.log.1");
    bench.write("a.log", format!("{HEAD}{}", event(3)));
    bench.restart();
    bench.round();
    assert_eq!(bench.events(), "1 2 3");
}

#[test]
fn older_segments_of_a_known_log_stay_unread() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write(&segment(5), format!("{HEAD}{}", event(5)));
    bench.round();
    bench.write(&segment(1), format!("{HEAD}{}", event(1)));
    bench.restart();
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "5");
    // Unless somebody writes there after all.
    bench.write(&segment(1), event(2));
    bench.round();
    assert_eq!(bench.events(), "1 2");
}

#[test]
fn overwritten_while_we_were_down_is_new_content() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..9)));
    bench.round();
    bench.events();
    overwrite(
        &bench.path("a.log"),
        format!("{HEAD}{}", events(11..30)).as_bytes(),
    );
    bench.restart();
    bench.round();
    let expected: Vec<_> = (11..30).map(|number| number.to_string()).collect();
    assert_eq!(bench.events(), expected.join(" "));
    assert_eq!(bench.states(), ["a.log: Gap"]);
}

#[test]
fn shrunk_while_we_were_down_is_believed_after_some_looks() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..9)));
    bench.round();
    bench.events();
    overwrite(
        &bench.path("a.log"),
        format!("{HEAD}{}", event(9)).as_bytes(),
    );
    bench.restart();
    bench.round();
    assert_eq!(bench.events(), "");
    for _ in 0..4 {
        bench.round();
    }
    assert_eq!(bench.events(), "9");
}

#[test]
fn copied_and_emptied_while_we_were_down_is_read_though_it_does_not_grow() {
    let mut bench = Bench::begun(&["*.log*"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..20)));
    bench.round();
    bench.events();
    fs::copy(bench.path("a.log"), bench.path("a.log.1")).unwrap();
    overwrite(&bench.path("a.log"), event(20).as_bytes());
    for _ in 0..3 {
        // Also where a start is killed half way.
        bench.restart();
        bench.round();
    }
    for _ in 0..4 {
        bench.round();
    }
    bench.rest();
    assert_eq!(bench.events(), "20");
}

#[test]
fn a_copy_that_lacks_what_was_read_last_doubles_nothing() {
    for restarts in [false, true] {
        let mut bench = Bench::begun(&["*.log*"]);
        bench.write("a.log", format!("{HEAD}{}", events(1..200)));
        bench.look();
        bench.round();
        fs::copy(bench.path("a.log"), bench.path("a.log.1")).unwrap();
        bench.write("a.log", event(200));
        bench.look();
        bench.events();
        overwrite(
            &bench.path("a.log"),
            format!("{HEAD}{}", event(201)).as_bytes(),
        );
        if restarts {
            bench.restart();
        }
        for _ in 0..5 {
            bench.round();
        }
        bench.rest();
        bench.write("a.log.1", event(202));
        bench.round();
        assert_eq!(bench.events(), "201 202", "{restarts}");
    }
}

#[test]
fn a_file_that_came_to_another_source_is_read_as_that_sources() {
    let mut bench = Bench::new(&["a*.log", "b*.log"]);
    bench.round();
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    bench.restart();
    bench.rename("a.log", "b.log");
    bench.write("b.log", event(2));
    bench.round();
    let sources = bench.told.iter().filter_map(|told| match told {
        Tailed::Event(told) => Some(told.source),
        _ => None,
    });
    assert_eq!(sources.collect::<Vec<_>>(), [0, 1]);
    assert_eq!(bench.events(), "1 2");
    assert_eq!(bench.states(), [""; 0]);
}

#[test]
fn a_copy_in_the_place_of_its_original_goes_on() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", events(1..3)));
    bench.round();
    fs::copy(bench.path("a.log"), bench.path("restored")).unwrap();
    bench.remove("a.log");
    bench.rename("restored", "a.log");
    bench.write("a.log", event(3));
    bench.restart();
    bench.round();
    assert_eq!(bench.events(), "1 2 3");
}

#[test]
fn history_is_read_back_from_the_end_of_a_log_within_its_limit() {
    let mut bench = Bench::new(&["*.log"]);
    bench.settings.history_bytes_max = 500;
    bench.restart();
    for number in 1..5 {
        bench.write(&segment(number), format!("{HEAD}{}", event(number)));
    }
    bench.round();
    bench.round();
    assert_eq!(bench.events(), "h3 h4");
    assert_eq!(bench.states().len(), 2);
}

#[test]
fn a_restart_at_every_byte_tells_every_event_once() {
    let log = format!(
        "{HEAD}{}20:31:08.000: Received [0,UDP] 9 bytes\nINVITE\r\na{}{}",
        event(1),
        "\r\n",
        events(2..4)
    );
    let mut bench = Bench::begun(&["*.log"]);
    for cut in 1..log.len() {
        bench.positions = Positions::default();
        bench.restart();
        bench.round();
        bench.write("a.log", &log[..cut]);
        bench.round();
        bench.restart();
        bench.write("a.log", &log[cut..]);
        bench.round();
        assert_eq!(bench.events(), "1 2 3", "{cut}");
        bench.remove("a.log");
    }
}

#[test]
fn what_was_told_and_not_saved_is_told_again() {
    let mut bench = Bench::begun(&["*.log"]);
    bench.write("a.log", format!("{HEAD}{}", event(1)));
    bench.round();
    let saved = bench.positions.clone();
    bench.write("a.log", event(2));
    bench.round();
    bench.positions = saved;
    bench.restart();
    bench.round();
    assert_eq!(bench.events(), "1 2 2");
}

#[test]
fn two_hundred_rotations_and_twenty_restarts_tell_every_event_once() {
    let name = |rotation: u32| {
        let (minute, second) = (rotation / 60, rotation % 60);
        format!("sips.20261102_20{minute:02}{second:02}_000.log")
    };
    let mut bench = Bench::begun(&["*.log"]);
    let mut expected = Vec::new();
    for rotation in 0..200_u32 {
        bench.write(&name(rotation), HEAD);
        for number in rotation * 10..rotation * 10 + 10 {
            bench.write(&name(rotation), event(number));
            expected.push(number.to_string());
            if number % 7 == 0 {
                bench.look();
            }
        }
        if rotation % 3 == 0 {
            bench.round();
        }
        if rotation % 10 == 9 {
            bench.restart();
        }
        if rotation >= 20 {
            bench.remove(&name(rotation - 20));
        }
    }
    bench.round();
    let told = bench.events();
    let told: Vec<_> = told.split(' ').collect();
    let differ = told
        .iter()
        .zip(&expected)
        .find(|(told, expected)| told != expected);
    assert_eq!((differ, told.len()), (None, expected.len()));
    assert!(bench.positions.iter().count() < 40);
}
