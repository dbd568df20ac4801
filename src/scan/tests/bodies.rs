//! A SIP message is a caller's text: nothing in it is an event.

use proptest::prelude::*;

use super::*;

const FORGED: &str = "2026-11-02T20:31:07.412 Std 04563 Hot Standby (Primary) mode activated";

/// A record that announces a message of that size, and the message.
fn traced(size: usize, message: &str) -> String {
    format!(
        "20:31:00.000: SIPTR: Received [0,UDP] {size} bytes from 10.0.0.9:5060 <<<<<\n{message}"
    )
}

/// A whole message with CR LF, its last line end included.
fn message(body: &str) -> String {
    let head = "MESSAGE sip:100@vm SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.0.9:4563\r\n";
    format!(
        "{head}Call-ID: 04563-5091@5064\r\nContent-Length: {}\r\n\r\n{body}\r\n",
        body.len()
    )
}

#[test]
fn a_forged_record_in_a_message_is_no_event() {
    let forged = message(&format!("hello\r\n{FORGED}\r\n20:31:07.412 {MODE}"));
    let after = format!("20:31:08.000 {MODE}\n");
    let kept = traced(forged.len(), &forged);
    let line = 7 + kept.lines().count();
    let real = format!("20:31:08.000 04563 SIPS 2 line {line}");
    assert_eq!(events(format!("{HEADER}{kept}{after}")), [real.as_str()]);
    // Turned, what follows at once may still be the caller's; what follows later is not.
    let turned = kept.replace("\r\n", "\n");
    let log = format!("{HEADER}{turned}{after}20:31:09.000 {MODE}\n");
    let later = format!("20:31:09.000 04563 SIPS 2 line {}", line + 1);
    assert_eq!(events(log), [format!("? {real}"), later]);
}

#[test]
fn the_end_of_a_message_is_exact_to_the_byte() {
    let body = message("x");
    let after = format!("20:31:08.000 {MODE}\n");
    for (more, expected) in [
        (-2, 1),
        (-1, 1),
        (0, 1),
        (1, 0),
        (after.len() as isize - 1, 0),
    ] {
        let size = body.len().checked_add_signed(more).unwrap();
        let log = format!(
            "{HEADER}{}{after}20:31:09.000 Trc 04999 x\n",
            traced(size, &body)
        );
        assert_eq!(events(log).len(), expected, "{more}");
    }
    // One line short, that line is outside: nobody can know better.
    let forged = message(FORGED);
    let size = forged.len() - FORGED.len() - 2;
    assert_eq!(
        events(format!("{HEADER}{}", traced(size, &forged))).len(),
        1
    );
    assert_eq!(
        events(format!("{HEADER}{}", traced(size + 1, &forged))).len(),
        0
    );
}

#[test]
fn an_announcement_inside_a_message_opens_nothing() {
    let body = message(&traced(60_000, "x"));
    let log = format!("{HEADER}{}20:31:08.000 {MODE}\n", traced(body.len(), &body));
    assert_eq!(events(log).len(), 1);
}

#[test]
fn messages_one_after_another_are_each_passed_over() {
    let forged = message(&format!("hello\r\n{FORGED}"));
    let kept = traced(forged.len(), &forged).repeat(5);
    for log in [kept.replace("\r\n", "\n"), kept] {
        assert_eq!(
            events(format!("{HEADER}{log}20:31:08.000 Trc 04999 x\n")),
            [""; 0]
        );
    }
}

#[test]
fn a_caller_who_writes_an_announcement_into_the_gap_hides_no_event() {
    // Lines that end in LF alone make the end uncertain by a byte each.
    let lines = "\n".repeat(200);
    let last = traced(60_000, "MESSAGE sip:x SIP/2.0\n");
    let body = message(&format!("{lines}{last}")).replace("\r\n", "\n");
    let size = body.len() + 6; // as it came, with CR LF
    let log = format!("{HEADER}{}20:31:08.000 {MODE}\n", traced(size, &body));
    let told = events(log);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("? 20:31:08.000 04563"), "{told:?}");
}

#[test]
fn an_absurd_size_is_told_and_blinds_for_no_more_than_the_cap() {
    let filler = "20:31:01.000 Trc 04999 x\n".repeat(200); // 5000 bytes
    let log = format!(
        "{HEADER}{}{filler}20:31:08.000 {MODE}\n",
        traced(999_999_999, "INVITE sip:x SIP/2.0\r\n")
    );
    let (found, _) = scan(Segment::new("a.log"), log);
    assert_eq!(told(&found), ["20:31:08.000 04563 SIPS 2 line 209"]);
    assert_eq!(codes(&found), [(Code::LongTrace, 7)]);
}

#[test]
fn a_message_that_the_files_end_cuts_is_told() {
    let (found, _) = scan(
        Segment::new("a.log"),
        format!("{HEADER}{}", traced(4000, &message("x"))),
    );
    assert_eq!(codes(&found), [(Code::CutTrace, 13)]);
}

#[test]
fn an_announcement_that_someone_quoted_puts_in_doubt_and_hides_nothing() {
    let log =
        "20:31:00.000 Std 04999 bob said: Received [0,UDP] 900 bytes from 1.2.3.4:5060 <<<<<\n";
    let told = events(format!("{HEADER}{log}20:31:08.000 {MODE}\n"));
    assert_eq!(told, ["? 20:31:08.000 04563 SIPS 2 line 8"]);
}

#[test]
fn an_announcement_may_stand_on_the_line_below_its_stamp() {
    let body = message(FORGED);
    let log = format!(
        "{HEADER}20:31:00.000\nSending [0,UDP] {} bytes to 10.0.0.9:5060 >>>>>\n{body}20:31:08.000 {MODE}\n",
        body.len()
    );
    assert_eq!(events(log).len(), 1);
}

#[test]
fn an_application_name_in_a_message_changes_no_owner() {
    let body = message("x\r\nApplication name: evil\r\nHost name: evil");
    let log = format!("{}20:31:08.000 {MODE}\n", traced(body.len(), &body));
    assert_eq!(events(log), ["20:31:08.000 04563 - line 10"]);
}

fn hostile() -> impl Strategy<Value = String> {
    let parts = [
        FORGED,
        "20:31:07.412 Std 04563 x",
        "Received [0,UDP] 70 bytes from 10.0.0.9:5060 <<<<<",
        "20:31:07.412: Sending [0] 9000 bytes to 10.0.0.9:5060 >>>>>",
        "Application name: evil",
        "mode activated20:31:07.412 Std 04563 x",
        "\0",
        "\r",
        "\n",
        "\r\n",
        "\r\n\r\n",
        ">",
        " ",
        "a",
    ];
    prop::collection::vec(prop::sample::select(parts.to_vec()), 0..40).prop_map(|all| all.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_message_that_the_file_kept_makes_an_event_or_hides_one(body in hostile(), portion in 1_usize..50) {
        let body = message(&body);
        let log = format!("{HEADER}{}20:31:08.000 {MODE}\n", traced(body.len(), &body));
        let (found, _) = scan_in_portions(Segment::new("a.log"), log.as_bytes(), portion);
        let told = told(&found);
        prop_assert_eq!(told.len(), 1, "{:?}", told);
        prop_assert!(told[0].contains("20:31:08.000 04563 SIPS 2"), "{:?}", told);
    }

    #[test]
    fn no_message_that_the_file_turned_makes_more_than_evidence_or_hides_an_event(body in hostile()) {
        let body = message(&body);
        let turned = body.replace("\r\n", "\n");
        let log = format!("{HEADER}{}20:31:08.000 {MODE}\n", traced(body.len(), &turned));
        let told = events(log);
        let (last, others) = told.split_last().unwrap();
        prop_assert!(last.contains("20:31:08.000 04563 SIPS 2"), "{:?}", told);
        prop_assert!(others.iter().all(|one| one.starts_with('?')), "{:?}", told);
    }
}
