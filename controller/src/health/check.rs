//! One named check.

use std::error::Error;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use kubewright::transport::BoxError;

use crate::panics;

type Outcome = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;
type Run = Arc<dyn Fn() -> Outcome + Send + Sync>;

/// The longest time that a check may take. The kubelet waits for one second by default.
const LONGEST: Duration = Duration::from_secs(10);

/// A named check.
#[derive(Clone)]
pub(super) struct Check {
    pub(super) name: String,
    run: Run,
}

impl Check {
    pub(super) fn new<F, Fut, E>(name: impl Into<String>, check: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<BoxError> + 'static,
    {
        let run: Run = Arc::new(move || -> Outcome {
            let outcome = check();
            Box::pin(async move { outcome.await.map_err(Into::into) })
        });
        Self { name: name.into(), run }
    }

    /// The check that always passes.
    pub(super) fn ping() -> Self {
        Self::new("ping", || std::future::ready(Ok::<_, BoxError>(())))
    }

    /// Whether the check passes. Why it does not is logged.
    pub(super) async fn passes(&self) -> bool {
        let outcome = AssertUnwindSafe(async { (self.run)().await }).catch_unwind();
        let reason: BoxError = match tokio::time::timeout(LONGEST, outcome).await {
            Ok(Ok(Ok(()))) => return true,
            Ok(Ok(Err(error))) => error,
            Ok(Err(panic)) => format!("it panicked: {}", panics::text(&*panic)).into(),
            Err(_) => format!("it took longer than {LONGEST:?}").into(),
        };
        tracing::warn!(check = self.name, error = &*reason as &(dyn Error + 'static), "a health check failed");
        false
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}
