//! The cases of [`TaskQueue`].

#![allow(missing_docs, clippy::unwrap_used)]

mod fairness;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures_timer::Delay;
use futures_util::future::{join, join_all};

use crate::classify::{CategoryScore, Classification, Embedding, EmbeddingSpace, LabelScore};
use crate::queue::{
    Claim, Completion, NewTask, Outcome, QueueOptions, Retry, Stage, TaskId, TaskState, TraceContext,
};
use crate::{CategoryId, ErrorKind, TaskQueue};

pub use fairness::*;

/// Long enough for anything that must happen, so that only a fault makes a test wait for it.
const LONG: Duration = Duration::from_secs(20);

/// The bounds that a case wants of its queue.
pub fn options(case: &str) -> QueueOptions {
    let short = Duration::from_millis(300);
    let options = QueueOptions::default().lease(Duration::from_secs(60));
    match case {
        "a_lease_that_runs_out_gives_the_task_on"
        | "an_extended_lease_holds"
        | "a_lost_lease_cannot_be_extended"
        | "a_late_worker_may_still_end_its_task"
        | "a_stale_lease_gives_nothing_back" => options.lease(short).max_deliveries(100),
        "a_task_whose_worker_dies_too_often_is_a_dead_letter" => options.lease(short).max_deliveries(2),
        "a_full_queue_refuses_until_there_is_room" => options.capacity(2),
        "a_client_has_a_capacity_of_its_own" => options.client_capacity(2).client_capacity_bytes(1000),
        "too_many_bytes_are_refused_until_there_is_room" => options.capacity_bytes(1000),
        "results_expire" => options.keep_results(Duration::from_secs(1)),
        _ => options,
    }
}

fn photo(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

fn shoe(score: f32) -> Outcome {
    let categories = vec![CategoryScore { category: CategoryId(4), score }];
    Outcome::Classified(Classification { categories, ..Classification::default() })
}

async fn claim_one(queue: &dyn TaskQueue) -> Claim {
    let mut claims = queue.claim(1, LONG).await.unwrap();
    assert_eq!(claims.len(), 1, "a task was to come");
    claims.remove(0)
}

async fn ended(queue: &dyn TaskQueue, task: TaskId) -> Outcome {
    match queue.wait(task, Stage::Ended, LONG).await.unwrap() {
        TaskState::Ended(outcome) => outcome,
        other => panic!("the task has not ended: {other:?}"),
    }
}

pub async fn a_task_goes_its_way(queue: &dyn TaskQueue) {
    queue.ping().await.unwrap();
    let task = queue.submit(photo("zapato")).await.unwrap();
    assert_eq!(queue.state(task).await.unwrap(), TaskState::Queued);
    let claim = claim_one(queue).await;
    assert_eq!((claim.lease.task, claim.lease.delivery, claim.photo), (task, 1, photo("zapato")));
    assert_eq!(queue.state(task).await.unwrap(), TaskState::Started);
    assert_eq!(queue.complete(task, shoe(0.9)).await.unwrap(), Completion::First);
    assert_eq!(queue.state(task).await.unwrap(), TaskState::Ended(shoe(0.9)));
    assert_eq!(queue.claim(1, Duration::ZERO).await.unwrap(), []);
}

pub async fn a_trace_travels_with_its_task(queue: &dyn TaskQueue) {
    let trace = TraceContext::new("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    queue.enqueue(NewTask { trace: trace.clone(), ..photo("zapato").into() }).await.unwrap();
    queue.submit(photo("taza")).await.unwrap();
    assert_eq!(claim_one(queue).await.trace, trace);
    assert_eq!(claim_one(queue).await.trace, None);
}

pub async fn tasks_are_handed_out_oldest_first(queue: &dyn TaskQueue) {
    let mut tasks = Vec::new();
    for n in 0..5 {
        tasks.push(queue.submit(vec![n]).await.unwrap());
    }
    let mut claimed = Vec::new();
    while claimed.len() < 5 {
        claimed.extend(queue.claim(2, LONG).await.unwrap().into_iter().map(|claim| claim.lease.task));
    }
    assert_eq!(claimed, tasks);
}

pub async fn a_claim_takes_no_more_than_asked(queue: &dyn TaskQueue) {
    for n in 0..5 {
        queue.submit(vec![n]).await.unwrap();
    }
    assert_eq!(queue.claim(3, LONG).await.unwrap().len(), 3);
    assert_eq!(queue.claim(3, LONG).await.unwrap().len(), 2);
}

pub async fn an_empty_queue_answers_an_empty_claim(queue: &dyn TaskQueue) {
    let begin = Instant::now();
    assert_eq!(queue.claim(4, Duration::ZERO).await.unwrap(), []);
    assert_eq!(queue.claim(4, Duration::from_millis(200)).await.unwrap(), []);
    assert!(begin.elapsed() >= Duration::from_millis(200));
}

pub async fn a_waiting_claim_gets_a_new_task(queue: &dyn TaskQueue) {
    let submit = async {
        Delay::new(Duration::from_millis(50)).await;
        queue.submit(photo("tarde")).await.unwrap()
    };
    let (claim, task) = join(claim_one(queue), submit).await;
    assert_eq!(claim.lease.task, task);
}

pub async fn a_task_is_handed_to_one_claim_only(queue: &dyn TaskQueue) {
    queue.submit(photo("una")).await.unwrap();
    claim_one(queue).await;
    assert_eq!(queue.claim(1, Duration::from_millis(100)).await.unwrap(), []);
}

pub async fn many_claims_at_once_share_the_tasks(queue: &dyn TaskQueue) {
    let mut tasks = BTreeSet::new();
    for n in 0..40 {
        tasks.insert(queue.submit(vec![n]).await.unwrap());
    }
    let claims = join_all((0..10).map(|_| queue.claim(8, Duration::from_millis(500)))).await;
    let claimed: Vec<_> = claims.into_iter().flat_map(Result::unwrap).map(|claim| claim.lease.task).collect();
    assert_eq!(claimed.len(), 40);
    assert_eq!(claimed.into_iter().collect::<BTreeSet<_>>(), tasks);
}

pub async fn a_lease_that_runs_out_gives_the_task_on(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let first = claim_one(queue).await;
    let second = claim_one(queue).await;
    assert_eq!((second.lease.task, second.lease.delivery), (task, 2));
    assert_eq!(second.photo, first.photo);
    assert_ne!(second.lease, first.lease);
}

pub async fn an_extended_lease_holds(queue: &dyn TaskQueue) {
    queue.submit(photo("una")).await.unwrap();
    let claim = claim_one(queue).await;
    for _ in 0..4 {
        assert_eq!(queue.claim(1, Duration::from_millis(150)).await.unwrap(), []);
        assert_eq!(queue.extend(std::slice::from_ref(&claim.lease)).await.unwrap(), [true]);
    }
}

pub async fn a_lost_lease_cannot_be_extended(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let first = claim_one(queue).await;
    let second = claim_one(queue).await;
    assert_eq!(queue.extend(&[first.lease, second.lease.clone()]).await.unwrap(), [false, true]);
    queue.complete(task, shoe(0.9)).await.unwrap();
    assert_eq!(queue.extend(&[second.lease]).await.unwrap(), [false]);
    assert_eq!(queue.extend(&[]).await.unwrap(), [false; 0]);
}

pub async fn the_first_outcome_stands(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    claim_one(queue).await;
    assert_eq!(queue.complete(task, shoe(0.9)).await.unwrap(), Completion::First);
    assert_eq!(queue.complete(task, shoe(0.1)).await.unwrap(), Completion::Repeated);
    assert_eq!(queue.complete(task, Outcome::Failed("no".into())).await.unwrap(), Completion::Repeated);
    assert_eq!(ended(queue, task).await, shoe(0.9));
}

pub async fn a_task_can_be_ended_without_a_lease(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let other = queue.submit(photo("otra")).await.unwrap();
    assert_eq!(queue.complete(task, shoe(0.9)).await.unwrap(), Completion::First);
    let claims = queue.claim(5, LONG).await.unwrap();
    assert_eq!(claims.iter().map(|claim| claim.lease.task).collect::<Vec<_>>(), [other]);
    assert_eq!(ended(queue, task).await, shoe(0.9));
}

pub async fn a_late_worker_may_still_end_its_task(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    claim_one(queue).await;
    let second = claim_one(queue).await;
    assert_eq!(queue.complete(task, shoe(0.9)).await.unwrap(), Completion::First);
    assert_eq!(queue.fail(&second.lease, "tarde").await.unwrap(), Retry::Stale);
    assert_eq!(ended(queue, task).await, shoe(0.9));
    assert_eq!(queue.claim(1, Duration::from_millis(400)).await.unwrap(), []);
}

pub async fn failures_are_kept_with_their_reason(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("rota")).await.unwrap();
    claim_one(queue).await;
    let failure = Outcome::Failed("la foto está dañada".into());
    queue.complete(task, failure.clone()).await.unwrap();
    assert_eq!(ended(queue, task).await, failure);
    assert_eq!(queue.dead_letters(10).await.unwrap(), []);
}

pub async fn a_task_given_back_comes_again_and_alone(queue: &dyn TaskQueue) {
    let first = queue.submit(photo("una")).await.unwrap();
    queue.submit(photo("otra")).await.unwrap();
    queue.submit(photo("tercera")).await.unwrap();
    let claim = claim_one(queue).await;
    assert_eq!(claim.lease.task, first);
    assert_eq!(queue.fail(&claim.lease, "otra vez").await.unwrap(), Retry::Again);
    let mut batches = Vec::new();
    while batches.iter().flatten().count() < 3 {
        let claims = queue.claim(5, LONG).await.unwrap();
        batches.push(
            claims.into_iter().map(|claim| (claim.lease.task, claim.lease.delivery)).collect::<Vec<_>>(),
        );
    }
    assert!(batches.contains(&vec![(first, 2)]), "{batches:?}");
}

pub async fn a_stale_lease_gives_nothing_back(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let first = claim_one(queue).await;
    let second = claim_one(queue).await;
    assert_eq!(queue.fail(&first.lease, "tarde").await.unwrap(), Retry::Stale);
    assert_eq!(queue.state(task).await.unwrap(), TaskState::Started);
    assert_eq!(queue.extend(&[second.lease]).await.unwrap(), [true]);
}

pub async fn a_task_that_fails_too_often_is_a_dead_letter(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("veneno")).await.unwrap();
    for delivery in 1..=3 {
        let claim = claim_one(queue).await;
        assert_eq!(claim.lease.delivery, delivery);
        let retry = queue.fail(&claim.lease, "el modelo falla").await.unwrap();
        assert_eq!(retry, if delivery < 3 { Retry::Again } else { Retry::DeadLettered });
    }
    let Outcome::Failed(reason) = ended(queue, task).await else { panic!() };
    assert!(reason.contains("el modelo falla"), "{reason}");
    let dead = queue.dead_letters(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].task, dead[0].deliveries), (1, task, 3));
    assert!(dead[0].reason.contains("el modelo falla"));
    assert_eq!(queue.claim(1, Duration::ZERO).await.unwrap(), []);
}

pub async fn a_task_whose_worker_dies_too_often_is_a_dead_letter(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("veneno")).await.unwrap();
    claim_one(queue).await;
    claim_one(queue).await;
    // Whoever claims next finds the lease run out for the last time, and gets nothing.
    let claim = queue.claim(1, Duration::from_secs(2)).await.unwrap();
    assert_eq!(claim, []);
    assert!(matches!(ended(queue, task).await, Outcome::Failed(_)));
    let dead = queue.dead_letters(10).await.unwrap();
    assert_eq!((dead.len(), dead[0].task, dead[0].deliveries), (1, task, 2));
}

pub async fn a_full_queue_refuses_until_there_is_room(queue: &dyn TaskQueue) {
    let first = queue.submit(photo("1")).await.unwrap();
    queue.submit(photo("2")).await.unwrap();
    assert_eq!(queue.submit(photo("3")).await.unwrap_err().kind(), ErrorKind::Busy);
    claim_one(queue).await;
    assert_eq!(queue.submit(photo("3")).await.unwrap_err().kind(), ErrorKind::Busy);
    queue.complete(first, shoe(0.9)).await.unwrap();
    queue.submit(photo("3")).await.unwrap();
    assert_eq!(queue.submit(photo("4")).await.unwrap_err().kind(), ErrorKind::Busy);
}

pub async fn too_many_bytes_are_refused_until_there_is_room(queue: &dyn TaskQueue) {
    let first = queue.submit(vec![1; 600]).await.unwrap();
    assert_eq!(queue.submit(vec![2; 600]).await.unwrap_err().kind(), ErrorKind::Busy);
    queue.submit(vec![3; 400]).await.unwrap();
    queue.complete(first, shoe(0.9)).await.unwrap();
    queue.submit(vec![2; 600]).await.unwrap();
    assert_eq!(queue.submit(vec![4]).await.unwrap_err().kind(), ErrorKind::Busy);
}

pub async fn results_expire(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    claim_one(queue).await;
    queue.complete(task, shoe(0.9)).await.unwrap();
    assert_eq!(ended(queue, task).await, shoe(0.9));
    let begin = Instant::now();
    while queue.state(task).await.unwrap() != TaskState::Expired {
        assert!(begin.elapsed() < LONG, "the result does not expire");
        Delay::new(Duration::from_millis(50)).await;
    }
    assert_eq!(queue.complete(task, shoe(0.1)).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(queue.wait(task, Stage::Ended, LONG).await.unwrap(), TaskState::Expired);
}

pub async fn unknown_tasks_are_unknown(queue: &dyn TaskQueue) {
    let unknown = TaskId::generate();
    assert_eq!(queue.state(unknown).await.unwrap(), TaskState::Unknown);
    assert_eq!(queue.wait(unknown, Stage::Ended, LONG).await.unwrap(), TaskState::Unknown);
    assert_eq!(queue.complete(unknown, shoe(0.9)).await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(queue.state(unknown).await.unwrap(), TaskState::Unknown);
}

pub async fn waiting_ends_when_the_stage_is_reached(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let work = async {
        Delay::new(Duration::from_millis(50)).await;
        let claim = claim_one(queue).await;
        Delay::new(Duration::from_millis(50)).await;
        queue.complete(claim.lease.task, shoe(0.9)).await.unwrap();
    };
    let watch = async {
        let begin = Instant::now();
        let started = queue.wait(task, Stage::Started, LONG).await.unwrap();
        assert!(started.reached(Stage::Started), "{started:?}");
        assert_eq!(queue.wait(task, Stage::Ended, LONG).await.unwrap(), TaskState::Ended(shoe(0.9)));
        assert!(begin.elapsed() < LONG, "the wait was not woken");
    };
    join(work, watch).await;
}

pub async fn waiting_ends_with_the_time_out(queue: &dyn TaskQueue) {
    let task = queue.submit(photo("una")).await.unwrap();
    let begin = Instant::now();
    let state = queue.wait(task, Stage::Ended, Duration::from_millis(100)).await.unwrap();
    assert_eq!(state, TaskState::Queued);
    assert!(begin.elapsed() >= Duration::from_millis(100));
    assert_eq!(queue.wait(task, Stage::Started, Duration::ZERO).await.unwrap(), TaskState::Queued);
}

pub async fn the_depth_counts_what_is_there(queue: &dyn TaskQueue) {
    let counts = async || {
        let depth = queue.depth().await.unwrap();
        (depth.queued, depth.started, depth.dead)
    };
    assert_eq!(counts().await, (0, 0, 0));
    for n in 0..3 {
        queue.submit(vec![n]).await.unwrap();
    }
    assert_eq!(counts().await, (3, 0, 0));
    let claim = claim_one(queue).await;
    assert_eq!(counts().await, (2, 1, 0));
    queue.complete(claim.lease.task, shoe(0.9)).await.unwrap();
    assert_eq!(counts().await, (2, 0, 0));
}

pub async fn classifications_survive_the_store_unchanged(queue: &dyn TaskQueue) {
    let embedding = Embedding::new((0..1280).map(|n| (n as f32).sin()).collect()).unwrap();
    let outcome = Outcome::Classified(Classification {
        labels: vec![
            LabelScore { label: "n04120489".into(), score: 0.930_123_4 },
            LabelScore { label: "n03124043".into(), score: 1.0e-3 },
        ],
        categories: vec![CategoryScore { category: CategoryId(4), score: 0.5 }],
        embedding: Some(embedding.in_space(EmbeddingSpace::new("efficientnet_lite0/1").unwrap())),
    });
    let task = queue.submit(photo("una")).await.unwrap();
    claim_one(queue).await;
    queue.complete(task, outcome.clone()).await.unwrap();
    let Outcome::Classified(kept) = ended(queue, task).await else { panic!() };
    let Outcome::Classified(given) = outcome else { panic!() };
    assert_eq!((kept.labels, kept.categories), (given.labels, given.categories));
    assert!(kept.embedding.unwrap().cosine(&given.embedding.unwrap()) > 0.999_99);
}

pub async fn large_photos_survive_the_queue(queue: &dyn TaskQueue) {
    let large: Vec<u8> = (0..10 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    queue.submit(large.clone()).await.unwrap();
    assert!(claim_one(queue).await.photo == large);
}
