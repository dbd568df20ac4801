//! Why something was done, and why something was not: one enum for decisions, steps, holds, alerts and `why`.

use crate::words::words;

words! {
    /// The published reasons. Every decision and every step carries exactly one.
    Reason {
        // --- acting ---
        /// The VM SIP Server became primary: the VIP follows it at once.
        VipFollows = "vip-follows-4563",
        /// The same, when nothing was known of the pair before.
        FirstKnowledge = "first-knowledge",
        /// The VM SIP Server fell, or was backup, on the host with the VIP, and is primary there again.
        ReturnedAsPrimary = "returned-as-primary",
        /// The VM Server became primary: the VM SIP Server is moved after it.
        PeerBecamePrimary = "peer-became-primary",
        /// An RM or MCP failed on the primary host.
        PrimaryHostFailure = "primary-host-failure",
        /// An operator asked for the move.
        Forced = "forced",
        // --- joining ---
        /// The event belongs to the incident that is open in its direction.
        JoinsIncident = "joins-incident",
        /// Another sighting of a fact that is known.
        SameFact = "same-fact",
        /// The component is known to have failed and has not come back.
        StillFailed = "still-failed",
        /// A late sign of the move that an incident, now closed, already made.
        LateTwin = "late-twin",
        /// The awaited effect of a step.
        ConfirmsStep = "confirms-step",
        /// The effect of a switch of an incident that was closed before it was seen.
        LateEcho = "late-echo",
        // --- nothing to do ---
        /// A component of the backup host failed: redundancy is lost, nothing moves.
        BackupHostFailure = "backup-host-failure",
        /// The component's events never move the pair.
        NeverTriggers = "component-never-triggers",
        /// The component is switched by its own pair: its peer's 4563 is what counts.
        WaitsForPeer = "waits-for-4563",
        /// The component already is what it states, where the pair already is.
        AlreadyPrimary = "already-primary",
        /// A statement that changes what is believed, and triggers nothing.
        RoleEvidence = "role-evidence",
        /// The component runs again.
        Recovered = "recovered",
        /// The component was running again before the failure was confirmed.
        SelfHealed = "self-healed",
        /// The component was stopped by request.
        PlannedStop = "planned-stop",
        /// SCS was asked for, or begins, a change of mode.
        ModeRequested = "mode-requested",
        /// A statement about a host.
        HostEvidence = "host-evidence",
        /// A statement of SCS about itself.
        ScsEvidence = "scs-evidence",
        /// A statement about the virtual IP address.
        VipEvidence = "vip-evidence",
        /// Recorded only.
        Noted = "noted",
        /// Older than `event_age_max` when it arrived: teaches roles.
        TooOld = "too-old",
        /// Late, and older than a statement to the contrary: teaches at most.
        Overtaken = "overtaken",
        /// Read back from before the start: teaches roles.
        History = "history",
        /// Inside the uncertain end of a SIP message.
        InTraceGap = "in-trace-gap",
        /// Written by a Solution Control Server that is not primary.
        ScsNotPrimary = "scs-not-primary",
        /// The event names no application and its file has none.
        NoApplication = "no-application",
        /// The application is not in the configuration.
        UnknownApplication = "unknown-application",
        /// The host is not in the configuration.
        UnknownHost = "unknown-host",
        /// The DBID belongs to another name.
        DbidMismatch = "dbid-mismatch",
        /// The application lives on the other host.
        HostMismatch = "host-mismatch",
        // --- holding ---
        /// Nobody knows which host is primary.
        PrimaryUnknown = "primary-unknown",
        /// The pair moved a short while ago.
        Blocked = "blocked",
        /// A reaction of the pair is running.
        ReactionRunning = "reaction-running",
        /// A reaction failed or remained partial, and nobody acknowledged it.
        Locked = "locked",
        /// The pair moved too often.
        Flapping = "flapping",
        /// Both VM SIP Servers state that they are primary.
        DoublePrimary = "double-primary",
        /// SCS sees two primaries, or two of itself.
        ScsSplitBrain = "scs-split-brain",
        /// SCS's own mode is flapping.
        ScsFlapping = "scs-flapping",
        /// The other host could not take over.
        TargetNotHealthy = "target-not-healthy",
        /// The application itself goes on writing its log.
        Contradicted = "contradicted-by-its-log",
        /// The status command says that the application runs.
        ContradictedByStatus = "contradicted-by-status",
        /// A maintenance window of the configuration.
        Maintenance = "maintenance",
        /// An operator paused the pair.
        Paused = "paused",
        /// The journal cannot be written: nothing acts that could not be remembered.
        JournalDead = "journal-not-writable",
        /// The journal was found broken, and nobody has settled it: what was done before is not known for certain.
        JournalBroken = "journal-broken",
        /// The daemon died again and again after its start.
        CrashLoop = "crash-loop",
        /// A command was running when the daemon died, and nothing tells whether it did its work.
        InDoubt = "in-doubt",
        // --- steps ---
        /// The VM SIP Server leads the move.
        MovesLead = "moves-first",
        /// The pair moves together.
        MovesTogether = "moves-together",
        /// The VIP goes where the VM SIP Server is primary.
        VipToPrimary = "vip-to-primary",
        /// The old host lets the VIP go.
        VipOffOldHost = "vip-off-old-host",
        /// Neighbours learn where the VIP is.
        TellNeighbours = "tell-neighbours",
        /// What the step would bring about is so already.
        AlreadySo = "already-so",
        /// The host is lost: the step is owed until it is seen again.
        HostLost = "host-lost",
        /// What the step waited for never came.
        NeverPrimary = "4563-never-seen",
        /// There is no news of the VIP to tell neighbours.
        VipNotMoved = "vip-not-moved",
        /// The opposite move began.
        Superseded = "superseded",
        /// The roles have turned: the host rightly has the VIP.
        RolesTurned = "roles-turned",
        /// The command ended with an error.
        CommandFailed = "command-failed",
        /// The command did not end in time.
        TimedOut = "timed-out",
        /// The command could not be started.
        NotRun = "not-run",
        /// The command's effect was not seen in time.
        NoEffect = "no-effect",
        /// The command did what it should.
        CommandSucceeded = "command-succeeded",
        /// An operator let it be.
        Forgiven = "forgiven",
        /// There is nothing that the operator's verb could apply to.
        NothingToDo = "nothing-to-do",
    }
}

impl Reason {
    /// The reason in plain words, a fragment that follows a colon.
    pub fn sentence(self) -> &'static str {
        use Reason::*;
        match self {
            VipFollows => "the VM SIP Server is primary there, so the VIP must follow at once",
            FirstKnowledge => {
                "nothing was known before; its 4563 itself says where the VIP belongs"
            }
            ReturnedAsPrimary => {
                "it fell or was backup here, and is primary again: the VIP must be here"
            }
            PeerBecamePrimary => "the VM Server is primary there, so the VM SIP Server must follow",
            PrimaryHostFailure => "it failed on the primary host",
            Forced => "an operator asked for the move",
            JoinsIncident => "part of the open incident",
            SameFact => "another sighting of a known fact",
            StillFailed => "known to have failed, and not back since",
            LateTwin => "late sign of a move already made",
            ConfirmsStep => "the awaited effect of a step",
            LateEcho => "late effect of a step of a closed incident",
            BackupHostFailure => "its host is backup: redundancy lost, nothing moves",
            NeverTriggers => "this component never moves the pair",
            WaitsForPeer => "its peer's 4563 is what moves the pair",
            AlreadyPrimary => "the pair is there already",
            RoleEvidence => "teaches roles, triggers nothing",
            Recovered => "it runs again",
            SelfHealed => "it ran again before the failure was confirmed",
            PlannedStop => "stopped by request, not a failure",
            ModeRequested => "a change of mode was asked for",
            HostEvidence => "teaches the host's state, triggers nothing",
            ScsEvidence => "tells of Solution Control Server itself",
            VipEvidence => "tells of the virtual IP address",
            Noted => "recorded only",
            TooOld => "older than event_age_max when it arrived",
            Overtaken => "late, and a newer statement says otherwise",
            History => "from before the start: teaches roles",
            InTraceGap => "where a SIP message may not have ended: proves nothing",
            ScsNotPrimary => "written by an SCS that is not primary",
            NoApplication => "no application is named",
            UnknownApplication => "not in the configuration",
            UnknownHost => "host not in the configuration",
            DbidMismatch => "the DBID belongs to another application",
            HostMismatch => "the application lives on the other host",
            PrimaryUnknown => "nobody knows which host is primary",
            Blocked => "the pair moved a short while ago",
            ReactionRunning => "a reaction of the pair is running",
            Locked => "an earlier reaction failed and is not acknowledged",
            Flapping => "the pair moved too often",
            DoublePrimary => "both VM SIP Servers state that they are primary",
            ScsSplitBrain => "SCS reports a split brain",
            ScsFlapping => "SCS's own mode is flapping",
            TargetNotHealthy => "the other host could not take over",
            Contradicted => "its own log goes on after the reported failure",
            ContradictedByStatus => "the status command says that it runs",
            Maintenance => "a maintenance window is open",
            Paused => "an operator paused the pair",
            JournalDead => "the journal cannot be written",
            JournalBroken => "the journal was found broken and nobody has settled it",
            CrashLoop => "the daemon died again and again after its start",
            InDoubt => "it ran when the daemon died, and nothing tells what it did",
            MovesLead => "the VM SIP Server goes first, all else follows its 4563",
            MovesTogether => "the pair moves together",
            VipToPrimary => "the VIP belongs to the primary VM SIP Server",
            VipOffOldHost => "two hosts must not hold the VIP",
            TellNeighbours => "neighbours must learn where the VIP is",
            AlreadySo => "it is so already",
            HostLost => "the host is lost: due when it is seen again",
            NeverPrimary => "the awaited 4563 was never seen",
            VipNotMoved => "this move did not bring the VIP here",
            Superseded => "the pair turned round",
            RolesTurned => "the host rightly has the VIP again",
            CommandFailed => "the command ended with an error",
            TimedOut => "the command did not end in time",
            NotRun => "the command could not be started",
            NoEffect => "its effect was not seen in time",
            CommandSucceeded => "the command succeeded",
            Forgiven => "an operator let it be",
            NothingToDo => "there is nothing to do it to",
        }
    }

    /// How what keeps every pair from acting comes to an end.
    pub fn remedy(self) -> Option<&'static str> {
        match self {
            Reason::JournalDead => Some("make the disk take writes, then restart the daemon"),
            Reason::JournalBroken => Some(
                "look at what was found, stop the daemon, then: tailswitch settle --by WHO --why TEXT",
            ),
            Reason::CrashLoop => Some(
                "find out why it died, then end it in order (SIGTERM): the next start acts again",
            ),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_own_word_and_its_own_sentence() {
        let words: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|r| r.word()).collect();
        let sentences: std::collections::BTreeSet<_> =
            Reason::ALL.iter().map(|r| r.sentence()).collect();
        assert_eq!(words.len(), Reason::ALL.len());
        assert_eq!(sentences.len(), Reason::ALL.len());
    }
}
