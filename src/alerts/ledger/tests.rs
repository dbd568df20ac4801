use super::*;

fn at(seconds: u64) -> Time {
    Time::from_micros(0).plus(Duration::from_secs(seconds))
}

fn notice(phase: Phase, text: &str, seconds: u64) -> Arc<Notice> {
    Arc::new(Notice {
        time: at(seconds),
        class: AlertClass::Hold,
        severity: Severity::Error,
        key: "hold:east".into(),
        phase,
        title: "held".into(),
        text: text.into(),
        solution: Some("east".into()),
        event: None,
        opened: None,
    })
}

fn open(text: &str, seconds: u64) -> Arc<Notice> {
    notice(Phase::Open, text, seconds)
}

fn close(seconds: u64) -> Arc<Notice> {
    notice(Phase::Close, "over", seconds)
}

/// Phase and title of what is told.
fn told<'a>(notices: impl IntoIterator<Item = &'a Arc<Notice>>) -> Vec<(Phase, String)> {
    let notices = notices.into_iter();
    notices.map(|it| (it.phase, it.title.clone())).collect()
}

#[test]
fn a_repetition_is_an_update_if_it_says_more_and_else_only_counted() {
    let mut ledger = Ledger::default();
    let mut take = |notice| ledger.take(&notice, true);
    assert_eq!(told(&take(open("one", 0))), [(Phase::Open, "held".into())]);
    assert_eq!(told(&take(open("one", 1))), []);
    let with_count = (Phase::Update, "held (1 more time)".into());
    assert_eq!(told(&take(open("two", 2))), [with_count]);
    assert_eq!(told(&take(close(3))), [(Phase::Close, "held".into())]);
    assert_eq!(told(&take(close(4))), [], "one closing");
}

#[test]
fn whatever_follows_an_opening_says_how_it_was_opened() {
    let mut ledger = Ledger::default();
    let opening = Some(open("one", 0).opening());
    let step = Arc::new(Notice {
        class: AlertClass::Step,
        severity: Severity::Info,
        ..Notice::clone(&notice(Phase::Update, "step 1 done", 1))
    });
    let mut take = |notice: &Arc<Notice>| ledger.take(notice, true).unwrap();
    assert_eq!(take(&step).opened, None);
    assert_eq!(take(&open("one", 0)).opened, None);
    assert_eq!(take(&step).opened, opening);
    let worse = Arc::new(Notice {
        severity: Severity::Warning,
        ..Notice::clone(&open("two", 2))
    });
    assert_eq!(take(&worse).opened, opening);
    assert_eq!(take(&close(3)).opened, opening);
    assert_eq!(take(&open("three", 4)).opened, None);
}

#[test]
fn a_storm_of_one_key_is_told_three_times_and_then_once_with_its_count() {
    let mut ledger = Ledger::default();
    let mut all = Vec::new();
    for round in 0..100 {
        all.extend(ledger.take(&open(&format!("number {round}"), round * 2), true));
        if round < 99 {
            all.extend(ledger.take(&close(round * 2 + 1), true));
        }
        all.extend(ledger.tick(at(round * 2 + 1)));
    }
    let phases: Vec<Phase> = all.iter().map(|notice| notice.phase).collect();
    let (opened, closed) = (Phase::Open, Phase::Close);
    assert_eq!(phases, [opened, closed, opened, closed, opened, closed]);
    assert_eq!(told(&ledger.tick(at(599))), []);
    let last = ledger.tick(at(600));
    assert_eq!(told(&last), [(opened, "held (96 more times)".into())]);
    assert_eq!(last[0].text, "number 99");
}

#[test]
fn what_ended_while_it_was_held_back_is_not_told_later() {
    let mut ledger = Ledger::default();
    for round in 0..5 {
        ledger.take(&open(&format!("number {round}"), round), true);
        ledger.take(&close(round), true);
    }
    assert_eq!(told(&ledger.tick(at(600))), []);
    let later = ledger.take(&open("later", 601), true);
    assert_eq!(told(&later), [(Phase::Open, "held".into())]);
}

#[test]
fn a_closing_follows_its_opening_and_nothing_else() {
    let mut ledger = Ledger::default();
    // Not wanted, as of a lower severity: and yet whoever heard of the beginning hears of the end.
    ledger.take(&open("one", 0), true);
    assert!(ledger.take(&close(1), false).is_some());
    assert!(ledger.take(&open("two", 2), false).is_none());
    assert!(ledger.take(&close(3), false).is_none());
}

#[test]
fn a_start_closes_what_holds_no_more_and_opens_nothing_again() {
    let mut ledger = Ledger::default();
    ledger.recall(open("one", 0));
    let gone = Arc::new(Notice {
        key: "daemon:no-api".into(),
        class: AlertClass::Daemon,
        ..Notice::clone(&open("two", 0))
    });
    ledger.recall(gone);
    let lost = Arc::new(Notice {
        key: "east-1".into(),
        title: "east moves".into(),
        ..Notice::clone(&open("three", 0))
    });
    let holds = [open("one", 0), lost];
    let settled = ledger.settle(&holds, |_| true, at(5));
    let expected = [
        (Phase::Close, "over: held".into()),
        (Phase::Open, "east moves".into()),
    ];
    assert_eq!(told(&settled), expected);
    assert_eq!(&*settled[0].key, "daemon:no-api");
    assert_eq!(told(&ledger.settle(&holds, |_| true, at(6))), []);
}

#[test]
fn what_was_told_in_an_earlier_life_is_not_told_again_as_if_it_were_new() {
    let mut ledger = Ledger::default();
    ledger.recall(open("one", 0));
    assert!(ledger.take(&open("one", 3600), true).is_none());
    assert_eq!(
        told(&ledger.take(&close(3601), false)),
        [(Phase::Close, "held".into())]
    );
}

#[test]
fn the_logs_have_a_while_to_show_again_what_was_wrong_with_them() {
    let mut ledger = Ledger::default();
    let of = |key: &str| {
        let class = AlertClass::Source;
        let key = key.into();
        Arc::new(Notice {
            key,
            class,
            ..Notice::clone(&open("absent", 0))
        })
    };
    ledger.recall(of("source:absent:a"));
    ledger.recall(of("source:absent:b"));
    assert_eq!(told(&ledger.tick(at(1000))), []);
    assert_eq!(told(&ledger.settle(&[], |_| true, at(1001))), []);
    assert!(ledger.take(&of("source:absent:a"), true).is_none());
    let closed = ledger.tick(at(1121));
    assert_eq!(closed.len(), 1);
    assert_eq!(&*closed[0].key, "source:absent:b");
}
