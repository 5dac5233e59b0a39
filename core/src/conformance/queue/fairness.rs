//! The cases of [`TaskQueue`] about clients that share it.

#![allow(missing_docs, clippy::unwrap_used)]

use super::{LONG, claim_one, shoe};
use crate::queue::NewTask;
use crate::{ErrorKind, TaskQueue};

fn of_client(client: u64, cost: u32, photo: Vec<u8>) -> NewTask {
    NewTask { photo, client: Some(client), cost, trace: None }
}

pub async fn clients_take_turns(queue: &dyn TaskQueue) {
    for n in 0..6 {
        queue.enqueue(of_client(1, 1, vec![1, n])).await.unwrap();
    }
    for n in 0..3 {
        queue.enqueue(of_client(2, 2, vec![2, n])).await.unwrap();
    }
    queue.enqueue(of_client(3, 1, vec![3, 0])).await.unwrap();
    let mut order = Vec::new();
    for _ in 0..10 {
        order.push(claim_one(queue).await.photo);
    }
    let place = |photo: [u8; 2]| order.iter().position(|claimed| *claimed == photo).unwrap();
    for client in [1, 2] {
        let places: Vec<_> = (0..3).map(|n| place([client, n])).collect();
        assert!(places.is_sorted(), "client {client} in its own order: {order:?}");
    }
    assert!(place([3, 0]) <= 2, "who sends one waits for one of each other client: {order:?}");
    assert!(place([2, 0]) <= 2, "{order:?}");
    // Twice as costly: half as many.
    assert!(place([2, 1]) > place([1, 1]) && place([2, 2]) > place([1, 3]), "{order:?}");
    assert!(place([2, 1]) < place([1, 4]), "{order:?}");
}

pub async fn who_was_served_before_waits_no_longer_for_it(queue: &dyn TaskQueue) {
    for n in 0..5 {
        queue.enqueue(of_client(1, 50, vec![1, n])).await.unwrap();
        claim_one(queue).await;
    }
    queue.enqueue(of_client(1, 1, vec![1, 9])).await.unwrap();
    queue.enqueue(of_client(2, 1, vec![2, 0])).await.unwrap();
    assert_eq!(claim_one(queue).await.photo, [1, 9]);
}

pub async fn costly_tasks_are_handed_out_alone(queue: &dyn TaskQueue) {
    for cost in [50, 50, 1, 2, 50, 3, 3, 3] {
        queue.enqueue(NewTask { cost, ..vec![cost as u8].into() }).await.unwrap();
    }
    let mut batches = Vec::new();
    while batches.iter().map(Vec::len).sum::<usize>() < 8 {
        let claims = queue.claim(4, LONG).await.unwrap();
        batches.push(claims.iter().map(|claim| claim.photo[0]).collect::<Vec<_>>());
    }
    assert_eq!(batches, [&[50][..], &[50], &[1, 2], &[50], &[3, 3], &[3]]);
}

pub async fn a_client_has_a_capacity_of_its_own(queue: &dyn TaskQueue) {
    let first = queue.enqueue(of_client(1, 1, vec![1; 600])).await.unwrap();
    let refused = queue.enqueue(of_client(1, 1, vec![1; 600])).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Busy, "too many bytes");
    queue.enqueue(of_client(1, 1, vec![2])).await.unwrap();
    let refused = queue.enqueue(of_client(1, 1, vec![3])).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Busy, "too many tasks");
    queue.enqueue(of_client(2, 1, vec![1; 600])).await.unwrap();
    queue.submit(vec![1; 600]).await.unwrap();
    assert_eq!(claim_one(queue).await.lease.task, first);
    assert_eq!(
        queue.enqueue(of_client(1, 1, vec![3])).await.unwrap_err().kind(),
        ErrorKind::Busy,
        "held ones count"
    );
    queue.complete(first, shoe(0.9)).await.unwrap();
    queue.enqueue(of_client(1, 1, vec![1; 600])).await.unwrap();
}
