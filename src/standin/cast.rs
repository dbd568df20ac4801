//! Who is who in the simulated pair: two hosts, nine applications, and the Management Layer beside them.

use crate::words::words;

/// The address that moves.
pub const VIP: &str = "10.0.0.10";
pub const SOLUTION: &str = "east";

words! {
    /// A host of the pair.
    Host {
        One = "vmhost1",
        Two = "vmhost2",
    }
}

words! {
    /// Whoever writes a log. Its word is the application's name.
    Who {
        SipServer1 = "VM_SIPServer_1",
        VmServer1 = "VM_Server_1",
        ResourceManager1 = "RM_1",
        MediaControl1 = "MCP_1",
        SipServer2 = "VM_SIPServer_2",
        VmServer2 = "VM_Server_2",
        ResourceManager2 = "RM_2",
        MediaControl2 = "MCP_2",
        Premise = "Premise_SIP",
        Scs = "SCS_P",
        Messages = "MessageServer",
    }
}

/// How many write logs.
pub(super) const WRITERS: usize = Who::ALL.len();

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    VmSipServer,
    VmServer,
    ResourceManager,
    MediaControlPlatform,
    PremiseSipServer,
    Scs,
    MessageServer,
}

impl Host {
    pub const fn address(self) -> &'static str {
        match self {
            Host::One => "10.0.0.11",
            Host::Two => "10.0.0.12",
        }
    }

    pub fn of_address(address: &str) -> Option<Host> {
        Host::ALL
            .iter()
            .copied()
            .find(|host| host.address() == address)
    }

    /// As the configuration of the Management Layer numbers hosts.
    pub const fn dbid(self) -> u32 {
        match self {
            Host::One => 111,
            Host::Two => 112,
        }
    }

    pub const fn other(self) -> Host {
        match self {
            Host::One => Host::Two,
            Host::Two => Host::One,
        }
    }

    /// What runs there.
    pub fn applications(self) -> impl Iterator<Item = Who> {
        let all = Who::ALL.iter().copied();
        all.filter(move |who| who.host() == Some(self))
    }

    /// The one that the VIP follows.
    pub const fn sip_server(self) -> Who {
        match self {
            Host::One => Who::SipServer1,
            Host::Two => Who::SipServer2,
        }
    }
}

impl Who {
    /// The pair's host on which it runs. None for what stands outside the pair.
    pub const fn host(self) -> Option<Host> {
        use Who::*;
        match self {
            SipServer1 | VmServer1 | ResourceManager1 | MediaControl1 => Some(Host::One),
            SipServer2 | VmServer2 | ResourceManager2 | MediaControl2 => Some(Host::Two),
            Premise | Scs | Messages => None,
        }
    }

    /// The machine's name as the header block tells it.
    pub const fn machine(self) -> &'static str {
        match self.host() {
            Some(host) => host.word(),
            None if matches!(self, Who::Premise) => "premise1",
            None => "scshost1",
        }
    }

    pub const fn kind(self) -> Kind {
        use Who::*;
        match self {
            SipServer1 | SipServer2 => Kind::VmSipServer,
            VmServer1 | VmServer2 => Kind::VmServer,
            ResourceManager1 | ResourceManager2 => Kind::ResourceManager,
            MediaControl1 | MediaControl2 => Kind::MediaControlPlatform,
            Premise => Kind::PremiseSipServer,
            Scs => Kind::Scs,
            Messages => Kind::MessageServer,
        }
    }

    pub const fn dbid(self) -> u32 {
        use Who::*;
        match self {
            SipServer1 => 151,
            SipServer2 => 152,
            VmServer1 => 153,
            VmServer2 => 154,
            ResourceManager1 => 155,
            ResourceManager2 => 156,
            MediaControl1 => 157,
            MediaControl2 => 158,
            Premise => 101,
            Scs => 100,
            Messages => 98,
        }
    }

    pub fn of_dbid(dbid: u32) -> Option<Who> {
        Who::ALL.iter().copied().find(|who| who.dbid() == dbid)
    }

    /// The same component on the other host.
    pub fn peer(self) -> Option<Who> {
        let host = self.host()?.other();
        host.applications().find(|who| who.kind() == self.kind())
    }

    /// True if it has a primary and a backup that change places.
    pub const fn is_switched(self) -> bool {
        matches!(self.kind(), Kind::VmSipServer | Kind::VmServer)
    }

    /// What configures the pair's applications: those that the Management Layer starts and stops.
    pub fn applications() -> impl Iterator<Item = Who> {
        let all = Who::ALL.iter().copied();
        all.filter(|who| !matches!(who, Who::Scs | Who::Messages))
    }
}

impl Kind {
    /// As a header block names the type.
    pub const fn in_header(self) -> &'static str {
        match self {
            Kind::VmSipServer | Kind::PremiseSipServer => "TServer",
            Kind::VmServer => "Voicemail Server",
            Kind::ResourceManager => "Resource Manager",
            Kind::MediaControlPlatform => "Media Control Platform",
            Kind::Scs => "Solution Control Server",
            Kind::MessageServer => "Message Server",
        }
    }

    /// As a configuration of ours names the component.
    pub const fn component(self) -> &'static str {
        match self {
            Kind::VmSipServer => "vm-sip-server",
            Kind::VmServer => "vm-server",
            Kind::ResourceManager => "resource-manager",
            Kind::MediaControlPlatform => "media-control-platform",
            Kind::PremiseSipServer => "premise-sip-server",
            Kind::Scs | Kind::MessageServer => "",
        }
    }

    pub const fn version(self) -> &'static str {
        match self {
            Kind::VmSipServer | Kind::PremiseSipServer => "8.1.102.95",
            Kind::Scs => "8.5.100.48",
            Kind::MessageServer => "8.5.100.18",
            _ => "8.5.161.34",
        }
    }
}
