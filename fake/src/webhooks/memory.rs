//! What stays the same when a request is run again because a webhook has answered.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::question::{Question, Reply};
use crate::clock::{self, FakeClock};
use crate::status::Status;

/// What a request knows from its runs so far: its time, its uids, and the answers of webhooks.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// Whether nobody is asked: for objects that are there from the start.
    is_closed: bool,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    now: Option<Timestamp>,
    uids: Vec<Uuid>,
    /// How many of the uids the present run has.
    drawn: usize,
    answered: Vec<Answered>,
    /// What the present run needs to know.
    asked: Vec<Question>,
    /// What the deletion of a collection began with.
    list: Option<Value>,
    /// Which of it is done.
    done: BTreeSet<String>,
}

#[derive(Debug)]
struct Answered {
    question: Question,
    reply: Reply,
}

impl Memory {
    /// One of a request that asks nobody.
    pub fn closed() -> Self {
        Self { is_closed: true, ..Self::default() }
    }

    /// Whether webhooks are asked.
    pub fn is_open(&self) -> bool {
        !self.is_closed
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a run.
    pub fn restart(&self) {
        let mut kept = self.kept();
        kept.drawn = 0;
        kept.asked.clear();
    }

    /// The time of the request.
    pub fn now(&self, clock: &FakeClock) -> Timestamp {
        *self.kept().now.get_or_insert_with(|| clock.now())
    }

    /// The same in some seconds, as objects have it.
    pub fn text_after(&self, clock: &FakeClock, seconds: i64) -> String {
        clock::text_after(self.now(clock), seconds)
    }

    /// The next uid of a run: the same in each.
    pub fn uid(&self) -> Uuid {
        let mut kept = self.kept();
        let index = kept.drawn;
        kept.drawn += 1;
        if kept.uids.len() == index {
            kept.uids.push(Uuid::new_v4());
        }
        kept.uids[index]
    }

    /// The answers to questions, or an error, which ends the run: it is run again once they are answered.
    pub fn ask(&self, questions: Vec<Question>) -> Result<Vec<Reply>, Status> {
        if self.is_closed {
            return Err(Status::not_done("a request of a webhook while the cluster is made"));
        }
        let mut kept = self.kept();
        let (mut replies, mut missing) = (Vec::new(), Vec::new());
        for question in questions {
            match kept.answered.iter().find(|known| known.question == question) {
                Some(known) => replies.push(known.reply.clone()),
                None => missing.push(question),
            }
        }
        if missing.is_empty() {
            return Ok(replies);
        }
        kept.asked = missing;
        Err(Status::not_done("an answer that a webhook has not given yet"))
    }

    /// What the run that ended was waiting for.
    pub fn take_asked(&self) -> Vec<Question> {
        std::mem::take(&mut self.kept().asked)
    }

    /// Remembers answers.
    pub fn learn(&self, answers: Vec<(Question, Reply)>) {
        self.kept().answered.extend(answers.into_iter().map(|(question, reply)| Answered { question, reply }));
    }

    /// The list of a deletion, as it was in the first run.
    pub fn list(&self, make: impl FnOnce() -> Result<Value, Status>) -> Result<Value, Status> {
        let known = self.kept().list.clone();
        match known {
            Some(list) => Ok(list),
            None => {
                let list = make()?;
                self.kept().list = Some(list.clone());
                Ok(list)
            }
        }
    }

    /// Whether an object of that list is done already.
    pub fn is_done(&self, key: &str) -> bool {
        self.kept().done.contains(key)
    }

    pub fn set_done(&self, key: String) {
        self.kept().done.insert(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn question(text: &str) -> Question {
        Question { client: json!({}), timeout: 10, review: json!(text), round: 0 }
    }

    #[test]
    fn a_run_gets_the_uids_and_the_answers_of_the_one_before() {
        let memory = Memory::default();
        let first = [memory.uid(), memory.uid()];
        assert!(memory.ask(vec![question("a")]).is_err());
        let asked = memory.take_asked();
        assert_eq!(asked, [question("a")]);
        let reply = Reply { uid: "1".to_owned(), review: Ok(json!("yes")) };
        memory.learn(asked.into_iter().map(|question| (question, reply.clone())).collect());
        memory.restart();
        assert_eq!([memory.uid(), memory.uid()], first);
        let replies = memory.ask(vec![question("a")]).expect("an answer");
        assert_eq!(replies[0].review, Ok(json!("yes")));
        // Another question is asked, and that alone.
        assert!(memory.ask(vec![question("a"), question("b")]).is_err());
        assert_eq!(memory.take_asked(), [question("b")]);
    }

    #[test]
    fn a_closed_one_asks_nobody() {
        let memory = Memory::closed();
        assert!(memory.ask(vec![question("a")]).is_err());
        assert!(memory.take_asked().is_empty());
    }
}
