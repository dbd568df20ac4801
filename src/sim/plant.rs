//! Errors planted in the daemon around the core, to show that every check can fail.

/// One planted error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// Commands start before their intent is on disk.
    SkipsTheSync,
    /// A command that ended is started once more.
    RunsTwice,
    ForgetsPauses,
    ForgetsMaintenance,
    /// It goes on after the journal broke.
    OutlivesTheJournal,
    /// It goes on after its clock stepped.
    TrustsTheClock,
    HistoryIsNews,
    OldLinesAreNews,
    GuessesThePrimary,
    /// VIP commands go to the peer of the host that they are meant for.
    MixesUpHosts,
    /// A completed move is taken back.
    MovesBackByItself,
    /// A command is said to have ended when it has only begun.
    AnswersTooSoon,
    /// An overtaken reaction goes on.
    ForgetsWhatWasOvertaken,
    NeverWakes,
    /// What is owed is never taken for paid.
    NeverPaid,
    /// The address is not moved, and nobody says so.
    LiesAboutTheVip,
    LosesAnEntry,
    /// A switch of an overtaken move is forgotten, so that its effect is news.
    ForgetsEchoes,
    /// A command whose effect was seen is taken for ended.
    ForgetsWhatRuns,
    DecidesByChance,
    RunsInAlertOnly,
}
