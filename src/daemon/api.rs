//! The API beside the engine: bound before it begins, served while it runs.

use std::net::TcpListener;
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::clock::Clock;
use crate::config::{Config, Disk};
use crate::engine::Ready;
use crate::escape::escape;
use crate::journal::Recorded;
use crate::operate::{Handle, Served, Token, serve};
use crate::past::{OpenPast, Past};

/// A bound address.
pub(super) struct Listener(TcpListener);

pub(super) struct Api {
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Api {
    /// None where the configuration wants none; an error is told, and the daemon goes on without.
    pub fn bind(config: &Config) -> Result<Option<Listener>, String> {
        let Some(address) = config.listen else {
            return Ok(None);
        };
        let bound = TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            tracing::info!(address = %listener.local_addr()?, "listening");
            Ok(Listener(listener))
        });
        bound
            .map(Some)
            .map_err(|error| format!("no page and no API: {address}: {error}"))
    }

    pub fn stop(self, runtime: &Runtime) {
        drop(self.stop);
        // A server that panicked has told why.
        let _ = runtime.block_on(self.served);
    }
}

impl Listener {
    pub fn serve(
        self,
        runtime: &Runtime,
        ready: &Ready,
        handle: Handle,
        clock: &Arc<dyn Clock>,
    ) -> Api {
        let state = ready.config.state.clone();
        let past: OpenPast = Arc::new(move |topology| {
            let recorded = Recorded::open(&state, topology.clone())?;
            Ok(Box::new(recorded) as Box<dyn Past>)
        });
        let clock = clock.clone();
        let served = Served {
            handle,
            past,
            token: token(&ready.config),
            now: Arc::new(move || clock.wall()),
        };
        let (stop, stopped) = oneshot::channel::<()>();
        let served = runtime.spawn(async move {
            let served = match tokio::net::TcpListener::from_std(self.0) {
                // Dropped or told: both end it.
                Ok(listener) => serve(listener, served, async { drop(stopped.await) }).await,
                Err(error) => Err(error),
            };
            if let Err(error) = served {
                tracing::error!(%error, "the API ended");
            }
        });
        Api { stop, served }
    }
}

fn token(config: &Config) -> Option<Arc<Token>> {
    let file = config.token_file.as_ref()?;
    match Token::read(&Disk, file) {
        Ok(token) => Some(Arc::new(token)),
        Err(error) => {
            tracing::error!("no verb is taken: {}", escape(&error));
            None
        }
    }
}
