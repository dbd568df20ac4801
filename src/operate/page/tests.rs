//! The page of a view, without a server.

use super::*;
use crate::operate::tests::{Bench, has};
use crate::snapshot::{Outlook, PairView};

const HOSTILE: &str = "<script>alert(1)</script>\u{1b}[2J\"'&";

/// The page as it is of a view, with nothing in the journal.
fn shown(view: &View, find: &str) -> String {
    let asked = Asked {
        find: find.into(),
        ..Asked::default()
    };
    let around = Around {
        now: view.snapshot.time,
        engine_moves: true,
        takes_verbs: true,
    };
    let history = Err(PastError("nothing".into()));
    board(view, &asked, &around, history).expect("a page")
}

#[test]
fn what_comes_from_elsewhere_is_no_markup() {
    let mut view = Bench::new().view();
    let pair = &mut view.snapshot.solutions[0];
    (pair.name, pair.applications[0].name) = (HOSTILE.into(), HOSTILE.into());
    pair.applications[0].role_by = Some(HOSTILE.into());
    pair.hosts[0].name = HOSTILE.into();
    view.snapshot.daemon.journal_fault = Some(HOSTILE.into());
    let page = shown(&view, HOSTILE);
    assert!(!page.contains("<script>alert"), "{page}");
    assert!(!page.contains('\u{1b}'), "{page}");
    assert!(page.contains("&#60;script&#62;alert(1)"), "{page}");
}

#[test]
fn of_a_thousand_pairs_the_odd_ones_have_cards_and_the_others_are_in_short() {
    let mut view = Bench::new().view();
    let well = PairView {
        outlook: Outlook::Well,
        ..view.snapshot.solutions[0].clone()
    };
    let named = |number: usize, outlook| PairView {
        name: format!("pair-{number}").into(),
        outlook,
        ..well.clone()
    };
    view.snapshot.solutions = (0..1_000)
        .map(|number| match number {
            700 => named(number, Outlook::Held),
            800 => named(number, Outlook::Moving),
            _ => named(number, Outlook::Well),
        })
        .collect();
    let page = shown(&view, "");
    assert_eq!(page.matches("<article class=\"pair").count(), 2);
    assert!(page.find("id=\"pair-pair-800\"") < page.find("id=\"pair-pair-700\""));
    has(
        &page,
        &[
            "<b>998</b> all well",
            "1 to 100",
            "from=100#short",
            "1000 pairs",
        ],
    );
    assert!(page.len() < 150_000, "{} bytes", page.len());
    let one = shown(&view, "PAIR-123");
    assert_eq!(one.matches("<article class=\"pair").count(), 1);
}
