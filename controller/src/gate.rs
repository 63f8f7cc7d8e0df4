//! The gate in front of a controller: which objects this replica may act on, and until when.
//!
//! Leader election opens a gate for all objects while its replica leads; scale-out opens it for the
//! ranges that the replica owns. A controller asks before each reconcile:
//!
//! ```no_run
//! # use kubewright::core::v1::Pod;
//! # use kubewright_controller::Gate;
//! # async fn reconcile(pod: &Pod) {}
//! # async fn run(gate: Gate, pod: Pod) {
//! if let Some(permit) = gate.try_enter(&pod.metadata) {
//!     tokio::select! {
//!         () = reconcile(&pod) => {}
//!         () = permit.lost() => {} // another replica may act now
//!     }
//! }
//! # }
//! ```
//!
//! - A gate is checked against the clock when it is asked. A process that was stopped and continues finds it closed before
//!   anything has run that could have closed it.
//! - A [`Permit`] is held while its object is acted on. Before a replica hands over what it owns, it lets no one in and
//!   waits until the permits are dropped.
//! - [`Gate::always_open`] is the gate of a program with one replica.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kubewright::meta::v1::ObjectMeta;
use tokio::sync::watch;

use crate::clock::Deadline;
use crate::fencing::FencingToken;
use crate::ring::{HashRange, ShardKey};

/// Which objects this replica may act on. See the [module](self).
///
/// Clones are cheap, and are the same gate.
#[derive(Clone)]
pub struct Gate {
    /// `None` if it is always open.
    shared: Option<Arc<Shared>>,
}

/// What opens and closes a [`Gate`].
///
/// Leader election and scale-out have their own. Others may serve a maintenance mode, or tests. Dropping it closes the gate.
pub struct Gatekeeper {
    shared: Arc<Shared>,
}

/// Permission to act on one object, held while it is acted on. See the [module](self).
pub struct Permit {
    pass: Pass,
    hash: u64,
}

/// Validity of one opening; another one of the same range gives none back. Unlike a permit, it is not waited for.
#[derive(Clone)]
pub(crate) struct Pass {
    /// `None` if the gate is always open.
    shared: Option<Arc<Shared>>,
    opening: u64,
    token: FencingToken,
}

/// Observes the changes of a gate; see [`Gate::changes`].
#[derive(Debug)]
pub struct GateChanges {
    gate: Gate,
    changed: Option<watch::Receiver<()>>,
    was_open: bool,
}

struct Shared {
    key: ShardKey,
    state: Mutex<State>,
    /// Sent when the openings change, or a deadline that has passed is extended.
    changed: watch::Sender<()>,
    /// Sent when the last permit of an object is dropped.
    released: watch::Sender<()>,
}

#[derive(Default)]
struct State {
    openings: Vec<Opening>,
    /// Openings made so far.
    count: u64,
    deadline: Option<Deadline>,
    /// The number of permits by hash.
    permits: HashMap<u64, usize>,
}

struct Opening {
    number: u64,
    range: HashRange,
    token: FencingToken,
    /// Whether new permits are given. If not, those given before are valid still.
    admits: bool,
}

impl State {
    fn has_ended(&self) -> bool {
        self.deadline.is_some_and(|deadline| deadline.has_passed())
    }

    /// The deadline that has yet to pass.
    fn pending_deadline(&self) -> Option<Deadline> {
        self.deadline.filter(|deadline| !deadline.has_passed())
    }

    /// The opening that admits a hash.
    fn admitting(&self, hash: u64) -> Option<&Opening> {
        if self.has_ended() {
            return None;
        }
        self.openings.iter().find(|opening| opening.admits && opening.range.contains(hash))
    }

    fn admits(&self) -> bool {
        !self.has_ended() && self.openings.iter().any(|opening| opening.admits)
    }

    fn is_valid(&self, opening: u64) -> bool {
        !self.has_ended() && self.openings.iter().any(|known| known.number == opening)
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a condition on the state holds, which may come to hold by a change or when the deadline passes.
    async fn until(&self, condition: impl Fn(&State) -> bool) {
        let mut changed = self.changed.subscribe();
        loop {
            let deadline = {
                let state = self.state();
                if condition(&state) {
                    return;
                }
                state.pending_deadline()
            };
            wait_for(&mut changed, deadline).await;
        }
    }
}

/// Waits for a change, or until the deadline passes. Returns whether it was a change.
async fn wait_for(changed: &mut watch::Receiver<()>, deadline: Option<Deadline>) -> bool {
    let passed = async {
        match deadline {
            Some(deadline) => deadline.passed().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // It can't fail: the sender lives as long as the gate.
        _ = changed.changed() => true,
        () = passed => false,
    }
}

impl Gate {
    /// Creates a gate that is always open, for all objects: that of a controller with one replica.
    pub fn always_open() -> Self {
        Self { shared: None }
    }

    /// Returns a permit to act on the object with this metadata, or `None` if this replica may not act on it now. It may
    /// later: see [`changes`](Self::changes).
    pub fn try_enter(&self, metadata: &ObjectMeta) -> Option<Permit> {
        self.try_enter_hash(self.hash(metadata))
    }

    /// Same as [`try_enter`](Self::try_enter), by the object's [`hash`](Self::hash): for one that was deleted.
    pub fn try_enter_hash(&self, hash: u64) -> Option<Permit> {
        let Some(shared) = &self.shared else {
            return Some(Permit { pass: Pass { shared: None, opening: 0, token: FencingToken::default() }, hash });
        };
        let mut state = shared.state();
        let (opening, token) = state.admitting(hash).map(|opening| (opening.number, opening.token))?;
        *state.permits.entry(hash).or_default() += 1;
        Some(Permit { pass: Pass { shared: Some(shared.clone()), opening, token }, hash })
    }

    /// Returns the hash by which an object's replica is determined; 0 if the gate is always open.
    pub fn hash(&self, metadata: &ObjectMeta) -> u64 {
        self.shared.as_ref().map_or(0, |shared| shared.key.hash(metadata))
    }

    /// Whether this replica may begin to act on the object with this metadata.
    pub fn admits(&self, metadata: &ObjectMeta) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().admitting(shared.key.hash(metadata)).is_some())
    }

    /// Whether this replica may begin to act on any object.
    pub fn is_open(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().admits())
    }

    /// Returns the ranges for which the gate is open, joined and in order.
    pub fn ranges(&self) -> Vec<HashRange> {
        let Some(shared) = &self.shared else { return vec![HashRange::ALL] };
        let state = shared.state();
        if state.has_ended() {
            return Vec::new();
        }
        HashRange::join(state.openings.iter().filter(|opening| opening.admits).map(|opening| opening.range))
    }

    /// Returns the field by whose hash objects are shared.
    pub fn key(&self) -> ShardKey {
        self.shared.as_ref().map_or(ShardKey::Uid, |shared| shared.key)
    }

    /// Waits until this replica may act on any object.
    pub async fn opened(&self) {
        if let Some(shared) = &self.shared {
            shared.until(State::admits).await;
        }
    }

    /// Waits until this replica may no longer begin to act on any object. A gate that is always open never closes.
    pub async fn closed(&self) {
        match &self.shared {
            Some(shared) => shared.until(|state| !state.admits()).await,
            None => std::future::pending().await,
        }
    }

    /// Observes changes from now on: of the ranges for which the gate is open, and whether it is.
    pub fn changes(&self) -> GateChanges {
        let changed = self.shared.as_ref().map(|shared| shared.changed.subscribe());
        GateChanges { was_open: self.is_open(), changed, gate: self.clone() }
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::always_open()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").field("is_open", &self.is_open()).field("ranges", &self.ranges()).finish_non_exhaustive()
    }
}

impl GateChanges {
    /// Waits for the next change. It may also return without one.
    ///
    /// Cancel-safe: a change that happens while no one waits is returned by the next call.
    pub async fn changed(&mut self) {
        let (Some(shared), Some(changed)) = (&self.gate.shared, &mut self.changed) else {
            return std::future::pending().await;
        };
        loop {
            let (is_open, deadline) = {
                let state = shared.state();
                (state.admits(), state.pending_deadline())
            };
            if is_open != self.was_open {
                self.was_open = is_open;
                return;
            }
            if wait_for(changed, deadline).await {
                self.was_open = shared.state().admits();
                return;
            }
        }
    }
}

impl Gatekeeper {
    /// Creates a gate that is closed, and its keeper.
    pub fn new(key: ShardKey) -> (Self, Gate) {
        let (changed, released) = (watch::Sender::new(()), watch::Sender::new(()));
        let shared = Arc::new(Shared { key, state: Mutex::default(), changed, released });
        (Self { shared: shared.clone() }, Gate { shared: Some(shared) })
    }

    /// Opens the gate for a range of hashes. Permits carry the token.
    ///
    /// A range that is open is first closed: permits given before are then not valid any more.
    pub fn open(&self, range: HashRange, token: FencingToken) {
        let _ = self.open_with_pass(range, token);
    }

    /// Opens the gate for a range, and returns the validity of this opening.
    pub(crate) fn open_with_pass(&self, range: HashRange, token: FencingToken) -> Pass {
        let mut state = self.shared.state();
        state.openings.retain(|opening| opening.range != range);
        state.count += 1;
        let number = state.count;
        state.openings.push(Opening { number, range, token, admits: true });
        drop(state);
        self.shared.changed.send_replace(());
        Pass { shared: Some(self.shared.clone()), opening: number, token }
    }

    /// Lets no one in for this range any more. Permits that were given stay valid; [`idle`](Self::idle) waits for them.
    pub fn drain(&self, range: HashRange) {
        for opening in self.shared.state().openings.iter_mut().filter(|opening| opening.range == range) {
            opening.admits = false;
        }
        self.shared.changed.send_replace(());
    }

    /// Opens a range again that [drains](Self::drain): permits that were given stay valid.
    pub fn resume(&self, range: HashRange) {
        for opening in self.shared.state().openings.iter_mut().filter(|opening| opening.range == range) {
            opening.admits = true;
        }
        self.shared.changed.send_replace(());
    }

    /// Closes the gate for a range: permits are lost.
    pub fn close(&self, range: HashRange) {
        self.shared.state().openings.retain(|opening| opening.range != range);
        self.shared.changed.send_replace(());
    }

    /// Closes the gate for all ranges.
    pub fn close_all(&self) {
        self.shared.state().openings.clear();
        self.shared.changed.send_replace(());
    }

    /// Waits until no permit of a range is held, valid or not.
    pub async fn idle(&self, range: HashRange) {
        let mut released = self.shared.released.subscribe();
        while !self.is_idle(range) {
            // It can't fail: the sender lives as long as the gate.
            let _ = released.changed().await;
        }
    }

    /// Waits until one of these ranges is idle; without any, forever.
    pub(crate) async fn any_idle(&self, ranges: &[HashRange]) {
        if ranges.is_empty() {
            return std::future::pending().await;
        }
        let mut released = self.shared.released.subscribe();
        while !ranges.iter().any(|range| self.is_idle(*range)) {
            // It can't fail: the sender lives as long as the gate.
            let _ = released.changed().await;
        }
    }

    /// Whether no permit of a range is held, valid or not.
    pub fn is_idle(&self, range: HashRange) -> bool {
        !self.shared.state().permits.keys().any(|hash| range.contains(*hash))
    }

    /// Sets when the gate closes by itself.
    ///
    /// A deadline that has passed is not extended: the gate stays closed until ranges are opened again.
    pub(crate) fn set_deadline(&self, deadline: Deadline) {
        let mut state = self.shared.state();
        let was = state.deadline.replace(deadline);
        match was {
            // Those that wait for it find the later one when it passes.
            Some(was) if !was.has_passed() => return,
            Some(_) => state.openings.clear(),
            None => {}
        }
        drop(state);
        self.shared.changed.send_replace(());
    }

    /// Creates another handle of the gate.
    pub fn gate(&self) -> Gate {
        Gate { shared: Some(self.shared.clone()) }
    }
}

impl Drop for Gatekeeper {
    fn drop(&mut self) {
        self.close_all();
    }
}

impl fmt::Debug for Gatekeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Gatekeeper").field(&self.gate()).finish()
    }
}

impl Pass {
    pub(crate) fn is_valid(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.state().is_valid(self.opening))
    }

    /// The time until the deadline; zero if it is not valid. `None` without a deadline.
    pub(crate) fn remaining(&self) -> Option<Duration> {
        let state = self.shared.as_ref()?.state();
        if !state.is_valid(self.opening) {
            return Some(Duration::ZERO);
        }
        state.deadline.map(|deadline| deadline.remaining())
    }

    pub(crate) async fn lost(&self) {
        match &self.shared {
            Some(shared) => shared.until(|state| !state.is_valid(self.opening)).await,
            None => std::future::pending().await,
        }
    }

    pub(crate) fn token(&self) -> FencingToken {
        self.token
    }
}

impl Permit {
    /// Whether this replica still may act on the object, at the time of the call.
    pub fn is_valid(&self) -> bool {
        self.pass.is_valid()
    }

    /// Waits until this replica may no longer act on the object: leadership was lost, or the range was taken away without
    /// a handover. What still acts must then stop at once.
    pub async fn lost(&self) {
        self.pass.lost().await;
    }

    /// Returns the token that writes should carry; 0 if the gate is always open.
    pub fn token(&self) -> FencingToken {
        self.pass.token()
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = &self.pass.shared else { return };
        let mut state = shared.state();
        if let Some(count) = state.permits.get_mut(&self.hash) {
            *count -= 1;
            if *count == 0 {
                state.permits.remove(&self.hash);
                drop(state);
                shared.released.send_replace(());
            }
        }
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("token", &self.token())
            .field("is_valid", &self.is_valid())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Moment;

    const SECOND: Duration = Duration::from_secs(1);
    const TOKEN: FencingToken = FencingToken::new(1);

    fn object(uid: &str) -> ObjectMeta {
        ObjectMeta { uid: Some(uid.into()), ..ObjectMeta::default() }
    }

    fn deadline(seconds: u32) -> Deadline {
        Deadline::after(Moment::now(), SECOND * seconds)
    }

    /// The halves of the ring, and a uid in each.
    fn halves() -> [(HashRange, ObjectMeta); 2] {
        [0, 1].map(|index| {
            let range = HashRange::nth(index, 2).expect("a half");
            let mut objects = (0..).map(|number: u32| object(&number.to_string()));
            (range, objects.find(|object| range.contains(ShardKey::Uid.hash(object))).expect("an object"))
        })
    }

    #[test]
    fn a_gate_that_is_always_open_admits_everything() {
        let gate = Gate::default();
        assert!(gate.is_open() && gate.admits(&object("a")));
        assert!(gate.try_enter(&object("a")).expect("a permit").is_valid());
        assert_eq!(gate.ranges(), [HashRange::ALL]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_is_closed_at_its_deadline_before_anything_has_run() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        assert!(!gate.is_open());
        keeper.set_deadline(deadline(10));
        keeper.open(HashRange::ALL, TOKEN);
        let permit = gate.try_enter(&object("a")).expect("a permit");
        // The clock moves, and no task has been polled since.
        tokio::time::advance(SECOND * 10).await;
        assert!(!permit.is_valid() && !gate.is_open() && gate.try_enter(&object("a")).is_none());
        assert!(gate.ranges().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_is_extended_in_time_disturbs_no_one() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.set_deadline(deadline(10));
        keeper.open(HashRange::ALL, TOKEN);
        let permit = gate.try_enter(&object("a")).expect("a permit");
        let mut changes = gate.changes();
        for _ in 0..5 {
            let quiet = async {
                tokio::select! { () = permit.lost() => (), () = changes.changed() => (), () = gate.closed() => () }
            };
            assert!(tokio::time::timeout(SECOND * 8, quiet).await.is_err(), "nothing has changed");
            keeper.set_deadline(deadline(10));
        }
        let start = tokio::time::Instant::now();
        tokio::join!(permit.lost(), changes.changed(), gate.closed());
        assert_eq!(start.elapsed(), SECOND * 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_that_has_passed_is_not_extended() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.set_deadline(deadline(10));
        keeper.open(HashRange::ALL, TOKEN);
        let permit = gate.try_enter(&object("a")).expect("a permit");
        tokio::time::advance(SECOND * 10).await;
        keeper.set_deadline(deadline(10));
        assert!(!gate.is_open() && !permit.is_valid());
        keeper.open(HashRange::ALL, TOKEN);
        gate.opened().await;
        assert!(!permit.is_valid());
    }

    #[tokio::test(start_paused = true)]
    async fn a_permit_of_an_earlier_opening_is_not_valid_in_a_later_one() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.open(HashRange::ALL, TOKEN);
        let permit = gate.try_enter(&object("a")).expect("a permit");
        keeper.close(HashRange::ALL);
        permit.lost().await;
        keeper.open(HashRange::ALL, FencingToken::new(2));
        assert!(!permit.is_valid());
        assert_eq!(gate.try_enter(&object("a")).expect("a permit").token(), FencingToken::new(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_range_that_drains_lets_no_one_in_and_waits_for_those_who_are() {
        let [(left, one), (right, two)] = halves();
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        keeper.open(left, TOKEN);
        keeper.open(right, TOKEN);
        let (permit, other) = (gate.try_enter(&one).expect("a permit"), gate.try_enter(&two).expect("a permit"));
        keeper.drain(left);
        assert!(permit.is_valid() && !gate.admits(&one) && gate.admits(&two));
        assert_eq!(gate.ranges(), [right]);
        keeper.resume(left);
        assert!(permit.is_valid() && gate.admits(&one));
        keeper.drain(left);
        assert!(tokio::time::timeout(SECOND, keeper.idle(left)).await.is_err(), "the permit is held");
        let wait = async {
            tokio::join!(keeper.idle(left), async { drop(permit) });
        };
        tokio::time::timeout(SECOND, wait).await.expect("the range is idle");
        assert!(other.is_valid() && !keeper.is_idle(right));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_between_two_calls_is_not_missed() {
        let (keeper, gate) = Gatekeeper::new(ShardKey::Uid);
        let mut changes = gate.changes();
        keeper.open(HashRange::ALL, TOKEN);
        changes.changed().await;
        keeper.close_all();
        keeper.open(HashRange::ALL, TOKEN);
        tokio::time::timeout(SECOND, changes.changed()).await.expect("it was closed meanwhile");
        drop(keeper);
        changes.changed().await;
        assert!(!gate.is_open());
    }
}
